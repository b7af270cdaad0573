using System.Runtime.CompilerServices;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// Watches one promise. A checker keeps its own books of what it saw and shares nothing with the code it checks; each call costs as much as what changed, not as
/// much as there is.
/// </summary>
public abstract class Checker
{
    /// <summary>The promise, as the paper or the README names it.</summary>
    public abstract string Name { get; }

    /// <summary>A node woke with this memory; <see cref="Books"/> have been opened anew from its disk.</summary>
    public virtual void Woke(Witness node, Replica replica)
    {
    }

    /// <summary>A node starts with these settings.</summary>
    public virtual void Configured(Witness node, FixedSettings settings)
    {
    }

    /// <summary>The rules answered an input. The books already hold what the step remembers.</summary>
    public virtual void Stepped(Witness node, Replica before, Input input, Step step)
    {
    }

    /// <summary>A write reached the disk. The books already know.</summary>
    public virtual void Persisted(Witness node, IReadOnlyList<IRaftEvent> events)
    {
    }

    /// <summary>A message leaves a node.</summary>
    public virtual void Sent(Witness node, Envelope envelope)
    {
    }

    /// <summary>A node's machine is about to apply an entry.</summary>
    public virtual void Applying(Witness node, Entry entry)
    {
    }

    /// <summary>A node's machine applied an entry; the command is null for entries that are none. The machine answers questions about its state after it.</summary>
    public virtual void Applied(Witness node, Entry entry, ICommand? command, Outcome outcome, Func<IQuery, IReply> ask)
    {
    }

    /// <summary>A node's machine was replaced by a snapshot.</summary>
    public virtual void Restored(Witness node, LogIndex index)
    {
    }

    /// <summary>The digest of a node's machine.</summary>
    public virtual void Digested(Witness node, LogIndex index, string digest)
    {
    }

    /// <summary>A linearizable read was asked for.</summary>
    public virtual void ReadAsked(Witness node, long readId)
    {
    }

    /// <summary>A read is answered from the state at this index.</summary>
    public virtual void ReadAnswered(Witness node, long readId, LogIndex index)
    {
    }

    /// <summary>A producer got its confirmation.</summary>
    public virtual void Confirmed(Enqueue command, Enqueued reply)
    {
    }

    /// <summary>A producer was told that nothing of a command is stored, and gives it up.</summary>
    public virtual void Refused(Enqueue command)
    {
    }

    /// <summary>A consumer got a delivery.</summary>
    public virtual void Delivered(QueueName queue, ConsumerId consumer, Delivery delivery)
    {
    }

    /// <summary>All is healed and at rest: what must have come to pass has.</summary>
    public virtual void Closed()
    {
    }

    /// <summary>Ends the schedule unless the promise holds.</summary>
    protected void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Otherwise otherwise)
    {
        if (!holds)
            throw new Violation(Name, otherwise.Text);
    }
}
