using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// P14: under one leader log time advances by the true time between two proposals, within the drift of the monotonic clocks and the slew;
/// and it is never further than
/// the true time since the group was founded. So what lasts a time by the log (leases, delays, times to live, waits) lasts it in truth,
/// whatever the wall clocks show. A new leader
/// that was cut off may be behind the one before it, and the next one need not be.
/// </summary>
/// <param name="trueTime">The true time.</param>
/// <param name="maxDrift">How much faster or slower than true time monotonic clocks run at most.</param>
/// <param name="options">The slew, and the step that a replica may make that has not heard a leader since it woke.</param>
public sealed class LogTimeAdvances(Func<TimeSpan> trueTime, double maxDrift, RaftOptions options) : Checker
{
    private const double RoundingMilliseconds = 3;

    private readonly Dictionary<(LogIndex Index, Term Term), TimeSpan> _proposed = [];
    private readonly HashSet<Term> _steps = [];
    private readonly double _fastest = (1 + maxDrift) * (1 + options.MaxClockSlew);
    private readonly double _slowest = (1 - maxDrift) * (1 - options.MaxClockSlew);
    private LogIndex _judged;
    private double _limit = double.MinValue;
    private Term _term;
    private double _latest, _earliest;

    public override string Name => "Log Time Advances With True Time";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        if (step.Next.Role != Role.Leader)
            return;
        foreach (var entry in step.Remember.OfType<EntriesAppended>().SelectMany(appended => appended.Entries))
            _proposed[(entry.Index, entry.Term)] = trueTime();
        if (!before.Clock.IsSet && step.Next.Clock.IsSet)
            Begin(before, step.Next);
    }

    // A clock shows at any time before it was set what it was set to. In a new group that is any wall clock's time; later it is a step that
    // has a bound.
    private void Begin(Replica before, Replica next)
    {
        if (before.Log.LastStamp == LogTime.Zero)
            _limit = Math.Max(_limit, next.Clock.At(TimeSpan.Zero).Milliseconds - (trueTime().TotalMilliseconds * _fastest));
        else
            _steps.Add(next.CurrentTerm);
    }

    public override void Applied(Witness node, Entry entry, ICommand? command, Outcome outcome, Func<IQuery, IReply> ask)
    {
        if (entry.Index <= _judged)
            return;
        _judged = entry.Index;
        if (entry.Stamp == LogTime.Zero || !_proposed.TryGetValue((entry.Index, entry.Term), out var proposed))
            return;
        var (at, stamp) = (proposed.TotalMilliseconds, (double)entry.Stamp.Milliseconds);
        // Followers hear of a step, so a later leader continues from it even where no entry of the one that made it is left.
        _limit += _steps.RemoveWhere(term => term <= entry.Term) * options.MaxClockStep.TotalMilliseconds;
        var ahead = stamp - (at * _fastest) - _limit;
        Require(ahead <= RoundingMilliseconds, $"entry {entry.Index}, proposed at {proposed}, is stamped {ahead} ms later than any clock can have counted");
        if (entry.Kind == EntryKind.Command)
            CompareWithinTerm(entry, at, stamp);
    }

    private void CompareWithinTerm(Entry entry, double at, double stamp)
    {
        if (entry.Term != _term)
            (_term, _latest, _earliest) = (entry.Term, double.MaxValue, double.MinValue);
        var (early, late) = (stamp - (at * _fastest) - _latest, _earliest - stamp + (at * _slowest));
        Require(early <= RoundingMilliseconds, $"entry {entry.Index} of term {entry.Term} is stamped {early} ms later than its leader's clock can have counted");
        Require(late <= RoundingMilliseconds, $"entry {entry.Index} of term {entry.Term} is stamped {late} ms earlier than its leader's clock must have counted");
        _latest = Math.Min(_latest, stamp - (at * _fastest));
        _earliest = Math.Max(_earliest, stamp - (at * _slowest));
    }
}
