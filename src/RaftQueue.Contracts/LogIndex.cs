namespace RaftQueue.Contracts;

/// <summary>The place of an entry in the Raft log. The first entry has index 1 (Raft paper, Figure 2). It is not a journal sequence number.</summary>
/// <param name="Value">The index; 0 means "before the first entry".</param>
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    /// <summary>The place before the first entry.</summary>
    public static readonly LogIndex Zero = new(0);

    /// <summary>The largest index that a message or a journal may carry; no log gets there.</summary>
    public static readonly LogIndex Largest = new(1L << 62);

    /// <summary>The place right after this one.</summary>
    public LogIndex Next => new(checked(Value + 1));

    /// <summary>The place right before this one. There is none before <see cref="Zero"/>.</summary>
    public LogIndex Previous => Value > 0 ? new(Value - 1) : throw new InvalidOperationException($"No index comes before {Value}.");

    /// <inheritdoc />
    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    /// <summary>The larger of two indexes.</summary>
    public static LogIndex Max(LogIndex left, LogIndex right) => left.Value >= right.Value ? left : right;

    /// <summary>The smaller of two indexes.</summary>
    public static LogIndex Min(LogIndex left, LogIndex right) => left.Value <= right.Value ? left : right;

    /// <summary>The index <paramref name="count"/> places further on.</summary>
    public static LogIndex operator +(LogIndex index, long count) => new(checked(index.Value + count));

    /// <summary>How many places <paramref name="left"/> lies behind <paramref name="right"/>.</summary>
    public static long operator -(LogIndex left, LogIndex right) => checked(left.Value - right.Value);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> or is the same.</summary>
    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> or is the same.</summary>
    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;

    /// <inheritdoc />
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
