using System.Text;

namespace RaftQueue.Client;

/// <summary>Texts that callers give: whatever is sent must be what is read back.</summary>
internal static class Texts
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Checks that a text can be written as UTF-8.</summary>
    /// <param name="what">Which text, such as "GroupKey".</param>
    /// <param name="text">The text; null for none.</param>
    /// <param name="parameter">The caller's parameter.</param>
    /// <exception cref="ArgumentException">It holds half of a surrogate pair, which would be replaced by another character.</exception>
    public static void Check(string what, string? text, string parameter)
    {
        if (text is null || !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return;
        try
        {
            _ = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException problem)
        {
            throw new ArgumentException($"{what} cannot be written as UTF-8: it holds half of a surrogate pair.", parameter, problem);
        }
    }
}
