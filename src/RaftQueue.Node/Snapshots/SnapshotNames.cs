using System.Text;

namespace RaftQueue.Node.Snapshots;

/// <summary>Names of pieces as bytes: one a line. Names hold no line breaks.</summary>
internal static class SnapshotNames
{
    public static ReadOnlyMemory<byte> Encode(IEnumerable<string> names) => Encoding.UTF8.GetBytes(string.Join('\n', names));

    public static IEnumerable<string> Decode(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
