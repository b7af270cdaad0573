using Akka.Event;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Raft;

// Whether log time and this node's wall clock agree. Neither follows the other at once, so a difference means that one of them is wrong.
internal sealed partial class RaftActor
{
    private static readonly TimeSpan ClockWatchInterval = TimeSpan.FromSeconds(1);

    private TimeSpan _clockWatched = TimeSpan.MinValue;
    private bool _isClockApart;

    private void WatchClock(Replica replica)
    {
        if (_clockWatched > Now - ClockWatchInterval)
            return;
        _clockWatched = Now;
        var problem = ClockProblem(replica);
        if (problem.Length > 0 == _isClockApart)
            return;
        _isClockApart = problem.Length > 0;
        if (_isClockApart)
            _log.Warning("Group {0}: {1}", replica.Self.Group, problem);
        else
            _log.Info("Group {0}: log time and this node's wall clock agree again", replica.Self.Group);
    }

    private string ClockProblem(Replica replica)
    {
        if (replica.Clock.OffsetFrom(WallClock, Now) is not { } offset || offset.Duration() <= _settings.MaxClockOffset)
            return "";
        var direction = offset > TimeSpan.Zero ? "ahead of" : "behind";
        return Text($"Log time is {offset.Duration().TotalSeconds:0} s {direction} this node's wall clock: set the clock if it is wrong. If it is right, another clock was wrong, and log time approaches it by {_settings.Rules.MaxClockSlew:0%} of the time that passes (raftqueue.raft.max-clock-slew).");
    }
}
