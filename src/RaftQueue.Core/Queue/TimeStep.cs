using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// What happens because log time has moved on, before the command that moved it. Queues go by name; in each, leases end first, then the waits of pulls,
/// then messages expire, and then the delayed ones fall due. Where there is more to do than one entry may (<see cref="Layout.MaxWork"/>),
/// the rest stays due, and the
/// next entries continue.
/// </summary>
internal static class TimeStep
{
    public static void Run(MachineState machine)
    {
        machine.Producers.ForgetSilent(machine.Now, ref machine.WorkLeft);
        var due = machine.DueQueues();
        if (due.Count == 0)
            return;
        // A pull for which earlier entries left messages is not answered as empty, although its wait is over. What this step itself makes
        // ready
        // comes too late for it.
        (QueueState, bool)[] found = [.. due.Select(queue => (queue, queue.IsUnserved))];
        foreach (var (queue, isUnserved) in found)
        {
            machine.Touch(queue);
            EndLeases(machine, queue);
            if (!isUnserved)
                EndWaits(machine, queue);
            while (machine.WorkLeft > 0 && DeadLettering.IsPossible(machine, queue) && queue.Backlog.TryGetExpired(machine.Now, out var message))
            {
                machine.WorkLeft--;
                DeadLettering.Move(machine, queue, message, DeadLetterCause.Expired, Reasons.Expired);
            }

            queue.Backlog.Release(machine.Now, ref machine.WorkLeft);
        }
    }

    // Whether the consumer has started it by now, nobody knows: what it told is from before. A consumer that is alive returns what it has
    // not started before the lease ends.
    private static void EndLeases(MachineState machine, QueueState queue)
    {
        while (machine.WorkLeft > 0 && queue.Leases.TryGetEnded(machine.Now, out var lease))
        {
            machine.WorkLeft--;
            Returning.Return(machine, queue, lease, isStarted: true, MessageEventKind.LeaseEnded);
        }
    }

    private static void EndWaits(MachineState machine, QueueState queue)
    {
        while (machine.WorkLeft > 0 && queue.Consumers.TryPeekWait(out var until, out var pull) && until <= machine.Now)
        {
            machine.WorkLeft--;
            queue.Consumers.Remove(pull);
            machine.Effects.Add(new QueueEffect.Answer(queue.Name, pull.Id, []));
        }
    }
}
