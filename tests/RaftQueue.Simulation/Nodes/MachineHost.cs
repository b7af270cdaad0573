using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Nodes;

/// <summary>Applies committed entries to the queue machine, maybe a little later than they were committed. Only an established leader performs effects.</summary>
public sealed class MachineHost(Life life, World world)
{
    private const int DigestEvery = 32;
    private static readonly Outcome Nothing = new(null, []);

    private readonly Queue<Entry> _waiting = new();
    private readonly List<Effect.ReadReady> _reads = [];
    private Effect.LeadershipEstablished? _established;
    private bool _isPlanned;
    private Func<IQuery, IReply>? _ask;

    /// <summary>The machine.</summary>
    public QueueMachine Queues { get; private set; } = new();

    /// <summary>Whether this node may perform effects: it leads, and its machine has applied all that earlier leaders committed.</summary>
    public bool PerformsEffects =>
        life.IsLeader && _established is { } established && established.Term == life.Replica.CurrentTerm && Queues.AppliedIndex >= established.NoOp;

    /// <summary>Goes on from the snapshot at this index; from nothing at zero.</summary>
    public void Restore(LogIndex index)
    {
        _waiting.Clear();
        Queues = index == LogIndex.Zero ? new QueueMachine() : FromDisk(index);
        if (Queues.AppliedIndex != index)
            throw new Violation("Snapshot Without Gaps", $"the snapshot at {index} of {life.Node} restores a machine at {Queues.AppliedIndex}");
        world.Referee.Restored(life.Node.Witness, index);
        if (index != LogIndex.Zero)
            world.Referee.Digested(life.Node.Witness, index, Queues.Digest());
    }

    /// <summary>Takes committed entries.</summary>
    public void Take(ImmutableArray<Entry> entries)
    {
        if (entries.IsEmpty)
            return;
        foreach (var entry in entries)
            _waiting.Enqueue(entry);
        if (world.Profile.MaxApplyLag == TimeSpan.Zero)
            ApplyWaiting();
        else if (!_isPlanned)
        {
            _isPlanned = true;
            life.Soon(world.Random.Between(TimeSpan.Zero, world.Profile.MaxApplyLag), _ => ApplyWaiting());
        }
    }

    /// <summary>All that earlier leaders committed is known: once it is applied, this node performs effects.</summary>
    public void Establish(Effect.LeadershipEstablished established)
    {
        _established = established;
        if (PerformsEffects)
            DeliverHeldAgain();
    }

    /// <summary>Answers a read as soon as the machine has applied what it must see.</summary>
    public void Answer(Effect.ReadReady read)
    {
        _reads.Add(read);
        AnswerReads();
    }

    private void ApplyWaiting()
    {
        _isPlanned = false;
        while (_waiting.TryDequeue(out var entry))
            Apply(entry);
        AnswerReads();
        life.Snapshots.MayTake();
    }

    private void Apply(Entry entry)
    {
        var performed = PerformsEffects;
        world.Referee.Applying(life.Node.Witness, entry);
        var (command, outcome) = (default(ICommand), Nothing);
        if (entry.Kind == EntryKind.Command)
        {
            command = CommandCodec.Decode(entry.Payload);
            outcome = world.Rules.Apply(Queues, entry, command);
        }
        else
        {
            Queues.Advance(entry.Index, entry.Stamp);
        }

        life.Snapshots.Count(entry);
        world.Referee.Applied(life.Node.Witness, entry, command, outcome, _ask ??= query => Queues.Query(query));
        if (entry.Index.Value % DigestEvery == 0)
            world.Referee.Digested(life.Node.Witness, entry.Index, Queues.Digest());
        Act(entry, outcome, performed);
    }

    private void Act(Entry entry, Outcome outcome, bool performed)
    {
        life.Desk.Applied(entry, outcome.Reply);
        if (!PerformsEffects)
            return;
        if (!performed)
            DeliverHeldAgain();
        foreach (var effect in outcome.Effects)
            life.Desk.Perform(effect);
    }

    /// <summary>A new leader cannot know which deliveries of the old one arrived: it sends again what consumers hold, under the same leases.</summary>
    private void DeliverHeldAgain()
    {
        foreach (var (queue, consumer) in Queues.Consumers.ToList())
        {
            var held = Queues.HeldBy(queue, consumer);
            if (held.Count > 0)
                world.Clients.Deliver(life.Node.Id, new Deliver(queue, consumer, Pack(held)));
        }
    }

    /// <summary>Deliveries as they travel to consumers.</summary>
    public DeliveryBlock Pack(IReadOnlyList<Lease> leases) => DeliveryBlock.Of([.. leases.Select(lease => new Delivery(
        lease.Sequence, lease.Token, lease.DeliveryCount, lease.EnqueuedAt, lease.Until, Body(lease)))]);

    private ReadOnlyMemory<byte> Body(Lease lease) => Queues.TryGetBody(lease.Body, out var body)
        ? body
        : throw new Violation("Nothing Confirmed Is Lost", $"{life.Node} has no body for message {lease.Sequence}");

    private void AnswerReads()
    {
        for (var i = _reads.Count - 1; i >= 0; i--)
        {
            if (_reads[i].Index > Queues.AppliedIndex)
                continue;
            world.Referee.ReadAnswered(life.Node.Witness, _reads[i].ReadId, _reads[i].Index);
            _reads.RemoveAt(i);
        }
    }

    private QueueMachine FromDisk(LogIndex index)
    {
        var shelf = life.Node.Disk.Snapshots;
        var stored = shelf.At(index)
            ?? throw new Violation("Snapshot Without Gaps", $"the log of {life.Node} stands on a snapshot at {index} that is not on its disk");
        return QueueMachine.Restore(stored.Manifest, shelf.Piece);
    }
}
