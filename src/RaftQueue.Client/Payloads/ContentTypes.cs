namespace RaftQueue.Client.Payloads;

/// <summary>The content types that the built-in serializers write.</summary>
internal static class ContentTypes
{
    public const string Bytes = "application/octet-stream";

    public const string Text = "text/plain; charset=utf-8";

    private const string HyperionPrefix = "application/x-hyperion; type=";

    public static string OfRegistered(string name) => HyperionPrefix + name;

    /// <summary>The registered name within a content type, or null where the content is no registered type at all.</summary>
    public static string? RegisteredName(string? contentType) =>
        contentType is not null && contentType.StartsWith(HyperionPrefix, StringComparison.Ordinal) ? contentType[HyperionPrefix.Length..] : null;
}
