using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>
/// The seam between a simulated node and the product. This one changes nothing; each mutation breaks one rule by what it puts around the product, so that the product
/// holds no branch for it.
/// </summary>
public class Mutation
{
    /// <summary>Everything as it is.</summary>
    public static readonly Mutation None = new();

    /// <summary>A name to call it by.</summary>
    public string Name => GetType().Name;

    /// <summary>The rule that is broken, in the words of the paper where it has some.</summary>
    public virtual string Rule => "";

    /// <summary>How it is broken.</summary>
    public virtual string Break => "";

    /// <summary>Answers an input.</summary>
    public virtual Step Step(Replica replica, Input input, TimeSpan now) => Rules.Step(replica, input, now);

    /// <summary>What a node reads from its disk when it wakes.</summary>
    public virtual IEnumerable<IRaftEvent> Recall(IEnumerable<IRaftEvent> events) => events;

    /// <summary>The last index whose snapshot may be deleted once the log begins after <paramref name="logBase"/>; null for none.</summary>
    public virtual LogIndex? ObsoleteSnapshotsThrough(LogIndex logBase) => Retention.ObsoleteSnapshotsThrough(logBase);

    /// <summary>Why a node may not start on data that was made with other settings; null where it may.</summary>
    public virtual string? Objection(FixedSettings stored, FixedSettings configured) => stored.Objection(configured);

    /// <summary>What the machine is given for a command.</summary>
    public virtual ICommand Command(LogIndex index, ICommand command) => command;

    /// <summary>Applies a command to a machine.</summary>
    public virtual Outcome Apply(QueueMachine machine, Entry entry, ICommand command) => machine.Apply(entry.Index, entry.Stamp, Command(entry.Index, command));
}
