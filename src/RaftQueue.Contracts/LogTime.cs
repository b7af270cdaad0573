namespace RaftQueue.Contracts;

/// <summary>
/// Time as the log knows it: the leader's log clock when it proposed an entry, stamped into the entry, never running backwards along the
/// log.
/// Every replica reads the same time from the same entry, so what depends on time (leases, time to live) is the same everywhere.
/// </summary>
/// <param name="Milliseconds">Milliseconds since 1970-01-01 UTC.</param>
public readonly record struct LogTime(long Milliseconds) : IComparable<LogTime>
{
    /// <summary>Before any entry.</summary>
    public static readonly LogTime Zero = new(0);

    /// <summary>
    /// No entry is stamped later: a stamp beyond it is malformed. It leaves room for every delay and time to live that may be added to it.
    /// </summary>
    public static readonly LogTime Latest = From(new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The log time of a wall clock reading; zero for one before 1970.</summary>
    public static LogTime From(DateTimeOffset time) => new(Math.Max(0, time.ToUnixTimeMilliseconds()));

    /// <summary>The wall clock reading that this time stands for.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>The later of two times.</summary>
    public static LogTime Max(LogTime left, LogTime right) => left.Milliseconds >= right.Milliseconds ? left : right;

    /// <summary>A span in whole milliseconds, rounded up: the least lease, delay or time to live must not become none at all.</summary>
    public static long MillisecondsOf(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    /// <summary>The earlier of two times.</summary>
    public static LogTime Min(LogTime left, LogTime right) => left.Milliseconds <= right.Milliseconds ? left : right;

    /// <inheritdoc />
    public int CompareTo(LogTime other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>The time <paramref name="span"/> later, in whole milliseconds, rounded up.</summary>
    public static LogTime operator +(LogTime time, TimeSpan span) => new(checked(time.Milliseconds + MillisecondsOf(span)));

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(LogTime left, LogTime right) => left.Milliseconds < right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(LogTime left, LogTime right) => left.Milliseconds > right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is earlier or the same.</summary>
    public static bool operator <=(LogTime left, LogTime right) => left.Milliseconds <= right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is later or the same.</summary>
    public static bool operator >=(LogTime left, LogTime right) => left.Milliseconds >= right.Milliseconds;
}
