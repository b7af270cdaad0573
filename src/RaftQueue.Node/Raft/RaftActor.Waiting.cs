using Akka.Actor;
using Akka.Event;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Gateway;

namespace RaftQueue.Node.Raft;

/// <summary>Says what the group waits for while it has no leader: in the log, and to the gateway for clients.</summary>
internal sealed partial class RaftActor
{
    private const string WaitTimer = "wait";
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(1);

    private LeaderWaitLog _waitLog;
    private string? _toldToWaitFor;

    private void WatchForLeader() => SetTimer(WaitTimer, LeaderWaitDue.Instance, WaitInterval, repeat: true);

    private State<Role, Replica> ReportWait()
    {
        var reason = LeaderWait.ReasonOf(StateData);
        if (_waitLog.IsDue(reason, Now))
            _log.Warning("Group {0}: {1}", StateData.Self.Group, reason);
        if (reason != _toldToWaitFor)
        {
            _toldToWaitFor = reason;
            _neighbours.Gateway.Tell(new LeaderAwaited(StateData.Self.Group, reason));
        }

        return Stay();
    }

    private sealed record LeaderWaitDue
    {
        public static readonly LeaderWaitDue Instance = new();
    }
}
