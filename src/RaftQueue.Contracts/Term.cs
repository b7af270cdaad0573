namespace RaftQueue.Contracts;

/// <summary>A Raft term: a logical clock that rises by one with every election (Raft paper, §5.1). The first election is held in term 1.</summary>
/// <param name="Value">The number of the term; 0 before the first election.</param>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>The term before the first election.</summary>
    public static readonly Term Zero = new(0);

    /// <summary>The term that a candidate enters when it starts an election in this one.</summary>
    public Term Next => new(Value + 1);

    /// <inheritdoc />
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> is the older term.</summary>
    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> is the newer term.</summary>
    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is the older term or the same.</summary>
    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is the newer term or the same.</summary>
    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    /// <inheritdoc />
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
