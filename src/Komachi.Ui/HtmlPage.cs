using System.Buffers;
using System.Text;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Komachi.Ui;

/// <summary>
/// A Razor component as an endpoint's answer, whole or not at all: drawn to its end before the first byte leaves, so its status
/// is true and its length known. <c>RazorComponentResult</c> does the same and half a dozen things that only interactive
/// pages need, and every answer would pay for.
/// </summary>
public sealed class HtmlPage(Type page, object? parameters, int status) : IResult
{
    public async Task ExecuteAsync(HttpContext http)
    {
        using var text = await Drawn(http.RequestServices, page, parameters);
        await text.Send(http, status);
    }

    /// <summary>The same document where no browser waits for it: on its way to paper.</summary>
    public static async Task<string> Draw(IServiceProvider services, Type page, object? parameters)
    {
        using var text = await Drawn(services, page, parameters);
        return text.ToString();
    }

    static async Task<PooledText> Drawn(IServiceProvider services, Type page, object? parameters)
    {
        var text = new PooledText();
        await using (var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>()))
            await renderer.Dispatcher.InvokeAsync(async () =>
            {
                var root = await renderer.RenderComponentAsync(page, parameters is null ? ParameterView.Empty : ParameterView.FromDictionary(new RouteValueDictionary(parameters)));
                root.WriteHtmlTo(text);
            });
        // Here and not in the parts: so a part need not know whether a text that it is given has readings, and none can forget to show them.
        var words = services.GetService<Words.Words>();
        var marksJapanese = words is { Lang.IsFurther: true };
        if (!marksJapanese && !text.Written.Contains('《')) return text;
        using (text)
        {
            var shown = new PooledText();
            Furigana.InPage(text.Written, shown, words?.Readings ?? true, marksJapanese);
            return shown;
        }
    }

    /// <summary>Characters on their way to becoming bytes, in a buffer that is given back.</summary>
    sealed class PooledText : TextWriter
    {
        char[] _buffer = ArrayPool<char>.Shared.Rent(16 * 1024);
        int _length;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Room(1)[0] = value;
        public override void Write(string? value) => value.AsSpan().CopyTo(Room(value?.Length ?? 0));
        public override void Write(char[] buffer, int index, int count) => buffer.AsSpan(index, count).CopyTo(Room(count));
        public override void Write(ReadOnlySpan<char> buffer) => buffer.CopyTo(Room(buffer.Length));

        Span<char> Room(int length)
        {
            if (_buffer.Length - _length < length)
            {
                var larger = ArrayPool<char>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + length));
                _buffer.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<char>.Shared.Return(_buffer);
                _buffer = larger;
            }
            _length += length;
            return _buffer.AsSpan(_length - length, length);
        }

        public ReadOnlySpan<char> Written => _buffer.AsSpan(0, _length);

        public override string ToString() => new(_buffer, 0, _length);

        public async Task Send(HttpContext http, int status)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(_length));
            try
            {
                var length = Encoding.UTF8.GetBytes(_buffer.AsSpan(0, _length), bytes);
                (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength) = (status, "text/html; charset=utf-8", length);
                await http.Response.Body.WriteAsync(bytes.AsMemory(0, length), http.RequestAborted);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }

        protected override void Dispose(bool disposing)
        {
            ArrayPool<char>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
