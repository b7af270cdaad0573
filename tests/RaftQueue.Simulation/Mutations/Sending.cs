using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;

namespace RaftQueue.Simulation.Mutations;

/// <summary>What was refused once is never stored.</summary>
public sealed class RefusedIsStoredLater : Mutation
{
    public override string Rule => "a send that was refused is stored by no later attempt";

    public override string Break => "a batch that found no room leaves its numbers unused";

    public override Outcome Apply(QueueMachine machine, Entry entry, ICommand command)
    {
        if (command is not Enqueue { IsAtomic: true } enqueue || machine.Query(new GetQueueStats(enqueue.Queue)) is not QueueStats stats || HasRoom(stats, enqueue))
            return base.Apply(machine, entry, command);
        machine.Advance(entry.Index, entry.Stamp);
        return new Outcome(new Refused(RefusalCode.QueueFull, "the queue is full"), []);
    }

    private static bool HasRoom(QueueStats stats, Enqueue enqueue) => stats.Options is not { Overflow: OverflowPolicy.RejectNew, MaxMessages: > 0 }
        || stats.Ready + stats.Leased + stats.Delayed + enqueue.Messages.Count <= stats.Options.MaxMessages;
}
