namespace RaftQueue.Core.Queue;

/// <summary>
/// How the state is cut into pieces. It decides the names and bytes of a snapshot's pieces, so it is the same on every replica; tests use a
/// tiny one to meet every boundary often.
/// </summary>
/// <param name="PageBits">A page holds 2 to this power messages.</param>
/// <param name="SegmentBytes">About the bytes of a segment; a message that is larger by itself gets a segment of its own.</param>
/// <param name="MaxWork">
/// The most messages that end a lease, expire, fall due or are handed out by one entry; the rest follows with the next ones. It decides
/// what an entry does, so it
/// is part of the machine's version.
/// </param>
internal sealed record Layout(int PageBits, int SegmentBytes, int MaxWork = 8_192)
{
    /// <summary>2,048 references of 32 bytes stay below the runtime's large-object threshold; a segment is 1 MiB.</summary>
    public static readonly Layout Default = new(PageBits: 11, SegmentBytes: 1024 * 1024);

    public int PageMessages => 1 << PageBits;
}
