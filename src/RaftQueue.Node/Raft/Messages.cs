using System.Collections.Immutable;
using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Raft;

/// <summary>Who waits for an answer, and under which number.</summary>
internal readonly record struct Origin(IActorRef Client, long CorrelationId)
{
    public void Answer(IReply reply, IActorRef sender) => Client.Tell(new ClientReply(CorrelationId, reply), sender);
}

/// <summary>Something that only the leader of the group does; every other role redirects it.</summary>
internal interface IClientWork
{
    Origin Origin { get; }

    /// <summary>Where it counts until the replica has taken it; null for nowhere.</summary>
    ClientLane? Lane { get; }

    /// <summary>How many bytes of commands it brings.</summary>
    int Weight => 0;
}

/// <summary>Append this command. The payload is what goes into the log; the command is the same, already read.</summary>
internal sealed record ProposeCommand(Origin Origin, ReadOnlyMemory<byte> Payload, ICommand Command) : IClientWork
{
    /// <summary>
    /// Whether it may wait a moment for others, to share their write. A settlement may: its message has arrived already, and another write for it alone would only make the next messages wait.
    /// </summary>
    public bool IsPatient => Command is Settle;

    /// <inheritdoc />
    public ClientLane? Lane { get; init; }

    /// <inheritdoc />
    public int Weight => Payload.Length;
}

/// <summary>Answer this question with what is committed.</summary>
internal sealed record AskQuery(Origin Origin, IQuery Query) : IClientWork
{
    /// <inheritdoc />
    public ClientLane? Lane { get; init; }
}

/// <summary>Do this for an operator.</summary>
internal sealed record AskAdmin(Origin Origin, IAdminCommand Command) : IClientWork
{
    /// <inheritdoc />
    public ClientLane? Lane { get; init; }
}

/// <summary>
/// Put these events into the journal, in the order of the numbers, and then let these messages go. Answered by <see cref="Remembered"/>.
/// </summary>
/// <param name="Number">Rises by one with each.</param>
/// <param name="Events">Possibly none: then the messages only wait for what came before.</param>
/// <param name="Mark">What the memory ends with after these events.</param>
/// <param name="Memory">The memory after these events, for the checkpoint that a compaction wants.</param>
/// <param name="ThenSend">What may only be said when it is remembered.</param>
internal sealed record Remember(
    long Number, ImmutableArray<IRaftEvent> Events, WriteMark Mark, Memory Memory, ImmutableArray<Envelope> ThenSend);

/// <summary>Everything through this number is on disk.</summary>
internal sealed record Remembered(long Number, WriteMark Mark);

/// <summary>The log begins after this index now, and the journal says so. Snapshots before it may go: the log cannot be replayed from them any more.</summary>
internal sealed record Compacted(LogIndex Base);

/// <summary>The node is about to stop: hand leadership over. Answered by <see cref="HandedOver"/> when this replica does not lead (any more).</summary>
internal sealed record HandOver;

/// <summary>This replica does not lead.</summary>
internal sealed record HandedOver(GroupId Group);
