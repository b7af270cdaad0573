using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// What happens because log time has moved on, before the command that moved it. Queues go by name; in each, leases end first, then the waits of pulls,
/// then messages expire, and then the delayed ones fall due.
/// </summary>
internal static class TimeStep
{
    public static void Run(MachineState machine)
    {
        machine.Producers.ForgetSilent(machine.Now);
        foreach (var queue in machine.DueQueues())
        {
            machine.Touch(queue);
            EndLeases(machine, queue);
            EndWaits(machine, queue);
            while (DeadLettering.IsPossible(machine, queue) && queue.Backlog.TryGetExpired(machine.Now, out var message))
                DeadLettering.Move(machine, queue, message, DeadLetterCause.Expired, Reasons.Expired);
            queue.Backlog.Release(machine.Now);
        }
    }

    // Whether the consumer has started it by now, nobody knows: what it told is from before. A consumer that is alive returns what it has
    // not started before the lease ends.
    private static void EndLeases(MachineState machine, QueueState queue)
    {
        while (queue.Leases.TryGetEnded(machine.Now, out var lease))
            Returning.Return(machine, queue, lease, isStarted: true, MessageEventKind.LeaseEnded);
    }

    private static void EndWaits(MachineState machine, QueueState queue)
    {
        while (queue.Consumers.TryPeekWait(out var until, out var pull) && until <= machine.Now)
        {
            queue.Consumers.Remove(pull);
            machine.Effects.Add(new QueueEffect.Answer(queue.Name, pull.Id, []));
        }
    }
}
