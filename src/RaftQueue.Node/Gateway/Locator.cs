using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Node.Gateway;

/// <summary>
/// Writes into commands in which group the other queues lie that they name. Only nodes know for sure how many groups there are, and the machine must find all it needs
/// in the log; so what a client says of it is overwritten.
/// </summary>
internal static class Locator
{
    public static ICommand Locate(ICommand command, GroupId group, int groups) => command switch
    {
        DeclareQueue declare => declare with { DeadLetterGroup = Elsewhere(declare.Options.DeadLetterQueue, group, groups) },
        Redrive redrive => redrive with { TargetGroup = Elsewhere(redrive.Target, group, groups) },
        _ => command,
    };

    private static GroupId? Elsewhere(QueueName? queue, GroupId group, int groups) =>
        queue?.GroupOf(groups) is { } other && other != group ? other : null;
}
