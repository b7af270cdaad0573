namespace RaftQueue.Contracts.Wire;

/// <summary>Shows strangers' text in our messages: shortened, so that a megabyte of name does not end up in a log line.</summary>
internal static class Quote
{
    private const int MaxLength = 48;

    public static string Short(string? text) => text is { Length: > MaxLength } ? $"{text[..MaxLength]}..." : text ?? "";
}
