using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>
/// The clock that a leader stamps entries by (P14). It advances with the monotonic clock and is slewed towards the wall clock at a bounded
/// rate, so a wall clock that
/// jumps or is wrong cannot end leases, expire messages or stop log time. A follower keeps the clock of its leader, and continues from it
/// when it leads.
/// </summary>
/// <remarks>
/// The first reading is the only one that may step. It is made by a replica that leads and has not heard any leader since it started: in a
/// new group, or after all
/// members were down, where nothing but the wall clock tells for how long.
/// </remarks>
public readonly record struct LogClock
{
    /// <summary>
    /// A wall clock that shows a later time is read as this. It leaves room for thousands of years of log time (<see
    /// cref="LogTime.Latest"/>).
    /// </summary>
    public static readonly LogTime LatestWall = LogTime.From(new DateTimeOffset(3000, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly TimeSpan _time, _readAt;
    private readonly Term _heardTerm;
    private readonly LogTime _heard;

    private LogClock(TimeSpan time, TimeSpan readAt, Term heardTerm = default, LogTime heard = default) =>
        (IsSet, _time, _readAt, _heardTerm, _heard) = (true, Within(time), readAt, heardTerm, heard);

    /// <summary>Whether this replica has led or heard a leader since it started; else it knows no time.</summary>
    public bool IsSet { get; }

    /// <summary>A clock that shows this time at this reading of the monotonic clock.</summary>
    public static LogClock Showing(LogTime time, TimeSpan now) => new(SpanOf(time), now);

    /// <summary>Log time at a reading of the monotonic clock; zero while the clock is not set.</summary>
    public LogTime At(TimeSpan now) => IsSet ? new LogTime((long)Within(_time + Elapsed(now)).TotalMilliseconds) : LogTime.Zero;

    /// <summary>How far log time is ahead of the wall clock (negative: behind it); null while the clock is not set.</summary>
    public TimeSpan? OffsetFrom(LogTime wall, TimeSpan now) => IsSet ? SpanOf(At(now)) - SpanOf(wall) : null;

    /// <summary>
    /// The leader reads its clocks: log time advances by what the monotonic clock counted, and is slewed towards the wall clock.
    /// </summary>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="wall">The wall clock.</param>
    /// <param name="lastStamp">The stamp of the last entry; log time is never earlier.</param>
    /// <param name="options">The rate of the slew, and the largest step of the first reading.</param>
    public LogClock Advance(TimeSpan now, LogTime wall, LogTime lastStamp, RaftOptions options)
    {
        wall = LogTime.Max(LogTime.Zero, LogTime.Min(wall, LatestWall));
        if (!IsSet)
            return Begin(now, wall, lastStamp, options.MaxClockStep);
        var elapsed = Elapsed(now);
        var bound = elapsed * options.MaxClockSlew;
        var free = _time + elapsed;
        var offset = SpanOf(wall) - free;
        var slew = offset > bound ? bound : offset < -bound ? -bound : offset;
        return new LogClock(Later(free + slew, SpanOf(lastStamp)), Later(now, _readAt));
    }

    /// <summary>
    /// A follower hears the time of its leader, and takes it over. Within a term that time only rises, so an earlier one is that of a
    /// message which was overtaken.
    /// </summary>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="term">The leader's term.</param>
    /// <param name="leaderTime">The leader's log time when it sent the message; zero where it does not say.</param>
    public LogClock Follow(TimeSpan now, Term term, LogTime leaderTime) =>
        leaderTime == LogTime.Zero || (term == _heardTerm && leaderTime <= _heard)
            ? this
            : new LogClock(SpanOf(leaderTime), now, term, leaderTime);

    private static LogClock Begin(TimeSpan now, LogTime wall, LogTime lastStamp, TimeSpan maxStep)
    {
        var isNew = lastStamp == LogTime.Zero;
        var isBelieved = isNew || (wall > lastStamp && SpanOf(wall) - SpanOf(lastStamp) <= maxStep);
        return Showing(isBelieved ? wall : lastStamp, now);
    }

    private static TimeSpan SpanOf(LogTime time) => TimeSpan.FromMilliseconds(LogTime.Min(time, LogTime.Latest).Milliseconds, 0);

    private static TimeSpan Within(TimeSpan time) => time < SpanOf(LogTime.Latest) ? time : SpanOf(LogTime.Latest);

    private static TimeSpan Later(TimeSpan left, TimeSpan right) => left >= right ? left : right;

    private TimeSpan Elapsed(TimeSpan now) => now > _readAt ? now - _readAt : TimeSpan.Zero;
}
