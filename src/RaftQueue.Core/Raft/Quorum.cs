namespace RaftQueue.Core.Raft;

/// <summary>The arithmetic of majorities, and nothing else.</summary>
internal static class Quorum
{
    /// <summary>How many of <paramref name="voters"/> are a majority: any two majorities share a voter.</summary>
    public static int Of(int voters) => (voters / 2) + 1;

    /// <summary>The largest value that a majority has reached, of one value per voter. Sorts the values; there must be at least one.</summary>
    public static long Reached(Span<long> values)
    {
        values.Sort();
        return values[values.Length - Of(values.Length)];
    }
}
