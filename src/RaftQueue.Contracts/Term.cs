namespace RaftQueue.Contracts;

/// <summary>A Raft term: a logical clock that rises by one with every election (Raft paper, §5.1). The first election is held in term 1.</summary>
/// <param name="Value">The number of the term; 0 before the first election.</param>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>The term before the first election.</summary>
    public static readonly Term Zero = new(0);

    /// <summary>
    /// The largest term that a message may carry or a candidate may enter. No cluster gets here by elections: at a thousand in every second
    /// it would take 146 million years.
    /// </summary>
    public static readonly Term Largest = new(1L << 62);

    /// <summary>
    /// The furthest that the term of a message may lie ahead of the receiver's own. Terms rise by one with an election, and one takes about
    /// an election timeout: a server
    /// that was away while its cluster elected a thousand leaders in every second may stay away for 34 years. A term further ahead is not
    /// the work of elections.
    /// </summary>
    public const long LargestLead = 1L << 40;

    /// <summary>The term that a candidate enters when it starts an election in this one.</summary>
    public Term Next => new(checked(Value + 1));

    /// <summary>Whether this term lies further ahead of <paramref name="other"/> than elections can have brought it.</summary>
    public bool IsBeyondReachOf(Term other) => Value - other.Value > LargestLead;

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
