namespace RaftQueue.Core.Queue;

/// <summary>
/// The fencing tokens of a group. One counter serves all its queues, so a token neither repeats nor falls for a name when the queue is
/// deleted and declared again. It never falls behind log time either: a cluster that was restored from a backup, or founded anew, gives out
/// larger tokens than the one before it did.
/// </summary>
internal sealed class FencingTokens
{
    /// <summary>One second of log time is worth 2^20 tokens, more than a group gives out in a second.</summary>
    private const int BitsPerSecond = 20;

    // Far beyond any date; a stamp that makes no sense must not overflow the counter.
    private const long MaxSeconds = 1L << 42;

    /// <summary>The latest token of the group; 0 before the first.</summary>
    public long Last { get; set; }

    /// <param name="now">Log time, in milliseconds.</param>
    public long Next(long now) => Last = Math.Max(Last + 1, Math.Clamp(now / 1_000, 0, MaxSeconds) << BitsPerSecond);
}
