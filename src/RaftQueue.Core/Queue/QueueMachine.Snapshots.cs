namespace RaftQueue.Core.Queue;

/// <content>The state as a whole: its digest, and its way to disk and back.</content>
public sealed partial class QueueMachine
{
    /// <summary>
    /// SHA-256, in hex, of everything the machine knows, bodies included: equal on all replicas that have applied as much, whatever was captured, restored
    /// or evicted there. Costs what has changed since the last digest or capture.
    /// </summary>
    public string Digest() => MachineDigest.Of(_state);

    /// <summary>
    /// The state as it is, cut into named pieces, of which only those are handed out that the previous capture (or restore) of this machine did not have.
    /// Costs what has changed since then, and what is in flight.
    /// </summary>
    public SnapshotCapture Capture() => SnapshotWriter.Capture(_state);

    /// <summary>
    /// The machine that was captured: its digest, what it does with later entries, and what its next capture hands out are the same.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="piece">Reads a piece by its name.</param>
    /// <param name="loadsSegments">
    /// Whether full segments are read at once. Without, they stay out of memory until <see cref="Load"/> brings them: a deep backlog starts fast.
    /// </param>
    /// <exception cref="DamagedSnapshotException">The manifest or a piece is not what was captured; names which.</exception>
    /// <exception cref="NewerSnapshotException">The manifest was made by a newer version of the machine.</exception>
    /// <exception cref="OlderSnapshotException">The manifest was made by an older version of the machine.</exception>
    public static QueueMachine Restore(ReadOnlyMemory<byte> manifest, Func<string, ReadOnlyMemory<byte>> piece, bool loadsSegments = true) =>
        Restore(manifest, piece, loadsSegments, Layout.Default);

    internal static QueueMachine Restore(
        ReadOnlyMemory<byte> manifest, Func<string, ReadOnlyMemory<byte>> piece, bool loadsSegments, Layout layout) =>
        new(new SnapshotReader(piece, loadsSegments, layout).Read(manifest));
}
