using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Komachi.Plan;

public enum AmountIs
{
    Number,
    /// <summary>Words instead of a number: "1（試行）".</summary>
    Text,
    /// <summary>The document says that there is nothing: －.</summary>
    None,
    /// <summary>The document said something, and its text lost it. Nobody knows it here, and nobody guesses.</summary>
    Lost,
}

/// <summary>What a plan states at one place, in a file a number, a text, <c>none</c> or <c>lost</c>.</summary>
[JsonConverter(typeof(AmountJson))]
public readonly record struct Amount(AmountIs Is, decimal Number = 0, string Text = "")
{
    public static readonly Amount None = new(AmountIs.None), Lost = new(AmountIs.Lost);

    public decimal? Value => Is == AmountIs.Number ? Number : null;

    public static Amount Of(decimal number) => new(AmountIs.Number, number);

    /// <summary>As it stands in a file.</summary>
    public static Amount Read(string written) => written switch
    {
        "none" => None,
        "lost" => Lost,
        _ when decimal.TryParse(written, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => Of(number),
        _ => new(AmountIs.Text, Text: written),
    };

    public override string ToString() => Is switch
    {
        AmountIs.Number => Number.ToString(CultureInfo.InvariantCulture),
        AmountIs.Text => Text,
        AmountIs.None => "none",
        _ => "lost",
    };
}

sealed class AmountJson : JsonConverter<Amount>
{
    public override Amount Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? Amount.Of(reader.GetDecimal()) : Amount.Read(reader.GetString() ?? "none");

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        if (value.Is == AmountIs.Number) writer.WriteNumberValue(value.Number);
        else writer.WriteStringValue(value.ToString());
    }
}

/// <summary>A text in quotes is a text, whatever it looks like: "83.4%", "100".</summary>
sealed class AmountYaml : IYamlTypeConverter
{
    public bool Accepts(Type type) => type == typeof(Amount);

    public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
    {
        var scalar = parser.Consume<Scalar>();
        return scalar.Style is ScalarStyle.DoubleQuoted or ScalarStyle.SingleQuoted ? new Amount(AmountIs.Text, Text: scalar.Value) : Amount.Read(scalar.Value);
    }

    public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer)
    {
        var amount = (Amount)value!;
        var style = amount.Is == AmountIs.Text && Amount.Read(amount.Text).Is != AmountIs.Text ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, amount.ToString(), style, isPlainImplicit: style == ScalarStyle.Any, isQuotedImplicit: true));
    }
}
