using Komachi.Ui.Words;

namespace Komachi.Platform.Forms;

/// <summary>
/// A form as data: pages of one topic each, with fields, what repeats, words and checks. Surveys, applications and questionnaires are all
/// made of these. What it may say and how it hangs together is looked at by <see cref="CompiledForm"/>.
/// </summary>
public sealed class FormDefinition
{
    public List<FormPage> Pages { get; set => field = value ?? []; } = [];

    /// <summary>Others who sign what was filled in: each gets a link.</summary>
    public List<FormSigner> Signers { get; set => field = value ?? []; } = [];
}

public sealed class FormPage
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public Said Intro { get; set => field = value ?? []; } = [];

    /// <summary>Shown only if; an expression over what stands before it.</summary>
    public string? When { get; set; }
    public List<FormField> Fields { get; set => field = value ?? []; } = [];
}

/// <summary>One question, or a piece of text between questions.</summary>
public sealed class FormField
{
    public string Key { get; set => field = value ?? ""; } = "";
    public string Kind { get; set => field = value ?? ""; } = "";
    public Said Label { get; set => field = value ?? []; } = [];
    public Said Help { get; set => field = value ?? []; } = [];
    public string? Example { get; set; }

    /// <summary>true, false or an expression.</summary>
    public string Required { get; set => field = value ?? "false"; } = "false";
    public string? When { get; set; }

    /// <summary>Of a number or a day the smallest (a literal or an expression), of a text its length, of choices, rows and files how many.</summary>
    public string? Least { get; set; }
    public string? Most { get; set; }
    public int Places { get; set; }
    public Said Unit { get; set => field = value ?? []; } = [];

    public List<FormOption> Options { get; set => field = value ?? []; } = [];

    /// <summary>A list of the town's own that the options come from, since nobody knows them when the form is written: <c>collectionDays</c>.</summary>
    public string? From { get; set; }

    /// <summary>What a text looks like: one of <see cref="TextPattern"/>.</summary>
    public string? Pattern { get; set; }

    /// <summary>Something else may be written instead.</summary>
    public bool Other { get; set; }

    /// <summary>Endings of files.</summary>
    public List<string> Types { get; set => field = value ?? []; } = [];
    public bool Camera { get; set; }

    /// <summary>May be brought when all else is filed already.</summary>
    public bool Later { get; set; }
    public Said LaterNote { get; set => field = value ?? []; } = [];

    /// <summary>Where an answer may come from that the person gave before: <c>person.name</c>.</summary>
    public string? Prefill { get; set; }

    /// <summary>Shown to the department in charge alone.</summary>
    public bool Secret { get; set; }
    public List<FormCheck> Check { get; set => field = value ?? []; } = [];

    /// <summary>What is reckoned.</summary>
    public string? Value { get; set; }

    /// <summary>What repeats: its fields, what the button says that adds one, and by which field a row is called.</summary>
    public List<FormField> Fields { get; set => field = value ?? []; } = [];
    public Said Add { get; set => field = value ?? []; } = [];
    public string? Row { get; set; }

    /// <summary>A table of amounts in yen.</summary>
    public List<FormOption> Rows { get; set => field = value ?? []; } = [];
    public List<FormColumn> Columns { get; set => field = value ?? []; } = [];
    public bool Total { get; set; }

    /// <summary>Of a statement or a declaration.</summary>
    public Said Text { get; set => field = value ?? []; } = [];
}

public sealed class FormOption
{
    public string Value { get; set => field = value ?? ""; } = "";
    public Said Text { get; set => field = value ?? []; } = [];
    public Said Help { get; set => field = value ?? []; } = [];

    /// <summary>Offered only if; an expression over what stands above.</summary>
    public string? When { get; set; }

    /// <summary>What choosing it comes to, for <c>valueOf(field)</c>: a sum of money, or points.</summary>
    public long? Yen { get; set; }
    public decimal? Number { get; set; }

    internal decimal? Worth => Yen ?? Number;
}

public sealed class FormColumn
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Text { get; set => field = value ?? []; } = [];
}

public sealed class FormCheck
{
    public string That { get; set => field = value ?? ""; } = "";
    public Said Say { get; set => field = value ?? []; } = [];
}

public sealed class FormSigner
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public string? When { get; set; }

    /// <summary>The field with the address to which the link goes.</summary>
    public string Email { get; set => field = value ?? ""; } = "";
    public Said Says { get; set => field = value ?? []; } = [];
    public List<FormField> Fields { get; set => field = value ?? []; } = [];
}
