using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform.Web;

namespace Komachi.Platform.Forms;

/// <summary>
/// The account to which the town pays. Codes and names both: the code is what the transfer file has, the name is what people can check.
/// ゆうちょ銀行 has a branch and seven digits for transfers too, which stand in the passbook.
/// </summary>
/// <param name="Kind">ordinary (普通), current (当座) or savings (貯蓄).</param>
/// <param name="Holder">In katakana and what else the transfer file takes (全銀): as the bank knows them, not as they are written.</param>
public sealed partial record BankAccount(string Bank, string BankCode, string Branch, string BranchCode, string Kind, string Number, string Holder)
{
    /// <summary>Each part as it is kept, and the name of its field behind the account's.</summary>
    internal static readonly (string Key, string Field)[] Parts =
        [("bank", "bank"), ("bankCode", "bank-code"), ("branch", "branch"), ("branchCode", "branch-code"), ("kind", "kind"), ("number", "number"), ("holder", "holder")];

    internal static readonly string[] Kinds = ["ordinary", "current", "savings"];

    /// <summary>What is kept, where it is whole.</summary>
    public static BankAccount? Of(JsonNode? kept)
    {
        string Part(string key) => kept is JsonObject parts && parts[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        var account = new BankAccount(Part("bank"), Part("bankCode"), Part("branch"), Part("branchCode"), Part("kind"), Part("number"), Part("holder"));
        return account.Bank.Length > 0 && account.Branch.Length > 0 && IsCode(account.BankCode, 4) && IsCode(account.BranchCode, 3) && Kinds.Contains(account.Kind) && IsCode(account.Number, 7) && Known().IsMatch(account.Holder) ? account : null;
    }

    internal JsonObject Kept() => new() { ["bank"] = Bank, ["bankCode"] = BankCode, ["branch"] = Branch, ["branchCode"] = BranchCode, ["kind"] = Kind, ["number"] = Number, ["holder"] = Holder };

    internal static BankAccount? Read(Form form, string name, bool required)
    {
        if (!required && Parts.All(p => p.Field == "kind" || form.Typed($"{name}-{p.Field}").Trim().Length == 0)) return null;
        var mistakes = form.Mistakes.Count;
        var (bank, branch) = (form.Text(name + "-bank", 50, required: true), form.Text(name + "-branch", 50, required: true));
        var (bankCode, branchCode) = (Code("bank-code", 4, "The code of a bank has four digits."), Code("branch-code", 3, "The code of a branch has three digits."));
        var kind = form.Choice(name + "-kind", Kinds);
        // Older accounts have fewer digits: banks write noughts in front.
        var number = Code("number", 7, "The number of an account has up to seven digits.", fill: true);
        var holder = Folded.Kana(form.Text(name + "-holder", 100, required: true)).ToUpperInvariant();
        if (holder.Length > 0 && !Known().IsMatch(holder)) form.Wrongly(name + "-holder", "Please write the holder in katakana, as it stands in the passbook.");
        return form.Mistakes.Count == mistakes ? Of(new BankAccount(bank, bankCode, branch, branchCode, kind, number, holder).Kept()) : null;

        string Code(string part, int digits, string asks, bool fill = false)
        {
            var typed = form.Text($"{name}-{part}", 30, required: true);
            var folded = string.Concat(Folded.Signs(typed).Where(c => c is not ('-' or ' ')));
            if (fill && folded.Length is > 0 and < 7) folded = folded.PadLeft(7, '0');
            if (typed.Length > 0 && !IsCode(folded, digits)) form.Wrongly($"{name}-{part}", asks);
            return folded;
        }
    }

    static bool IsCode(string text, int digits) => text.Length == digits && text.All(char.IsAsciiDigit);

    // What a transfer file (全銀フォーマット) knows, in the width in which people write it.
    [GeneratedRegex(@"^[ァ-ヴー・A-Z0-9 ().,/「」-]{1,60}$")]
    private static partial Regex Known();
}
