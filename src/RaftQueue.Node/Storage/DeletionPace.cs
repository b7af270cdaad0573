namespace RaftQueue.Node.Storage;

/// <summary>
/// How many rows of a deletion go along with a write: as many as are deleted in about a quarter of a millisecond, which is what a sync takes. A row may hold one message or a batch of
/// several hundred, so it is found out by trying.
/// </summary>
internal sealed class DeletionPace
{
    private const int Least = 1;
    private const int Most = 64;
    private static readonly TimeSpan Aim = TimeSpan.FromMicroseconds(250);

    /// <summary>How many rows the next step has.</summary>
    public int Rows { get; private set; } = Least;

    /// <summary>Says how long a step took.</summary>
    public void Took(TimeSpan time) => Rows = time < Aim ? Math.Min(Most, Rows * 2) : Math.Max(Least, Rows / 2);
}
