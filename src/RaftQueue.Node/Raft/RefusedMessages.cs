using Akka.Event;
using RaftQueue.Contracts;

namespace RaftQueue.Node.Raft;

/// <summary>Counts the messages of peers that were ignored as unlawful, and logs them: the first at once, then one line a minute with how many there were.</summary>
internal sealed class RefusedMessages(ILoggingAdapter log, GroupId group)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private TimeSpan? _logged;
    private long _sinceLogged;

    public void Count(NodeId from, string reason, TimeSpan now)
    {
        _sinceLogged++;
        if (_logged is { } logged && now - logged < BetweenLines)
            return;
        log.Warning(
            "Group {0}: {1} message(s) that no lawful node can have sent were ignored. The latest, in the name of {2}: {3}. "
            + "Look for who else reaches this node's port, and at the data of {2}.",
            group,
            _sinceLogged,
            from,
            reason);
        (_logged, _sinceLogged) = (now, 0);
    }
}
