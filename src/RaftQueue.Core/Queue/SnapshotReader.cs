using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>Makes a machine's state out of a snapshot. Every piece is held against its hash first.</summary>
internal sealed class SnapshotReader(Func<string, ReadOnlyMemory<byte>> piece, bool loadsSegments, Layout layout)
{
    private readonly MachineState _machine = new(layout);
    private readonly List<StoredLease> _leases = [];

    public MachineState Read(ReadOnlyMemory<byte> manifest)
    {
        var pieces = SnapshotManifest.Read(manifest).Pieces.ToLookup(record => record.Kind);
        foreach (var record in pieces[PieceKind.State])
            StateEncoding.Decode(new StateReader(record.Name, Fetch(record)), _machine, _leases);
        foreach (var record in pieces[PieceKind.SealedSegment])
            _machine.Segments.Attach(Segment.Restored(record, loadsSegments ? Fetch(record) : (ReadOnlyMemory<byte>?)null, openCapacity: 0));
        foreach (var record in pieces[PieceKind.OpenSegment])
            _machine.Segments.Attach(Segment.Restored(record, Fetch(record), layout.SegmentBytes));
        foreach (var record in pieces[PieceKind.Page])
            ReadPage(record, name => QueueOf(record, name).Backlog);
        foreach (var record in pieces[PieceKind.OutboxPage])
            _machine.Outboxes.Recount(ReadPage(record, target => OutboxOf(record, target).Messages));
        ReadProducers([.. pieces[PieceKind.Producers]]);

        foreach (var lease in _leases)
            PutLease(lease);
        foreach (var queue in _machine.QueuesInOrder)
        {
            queue.Backlog.FinishRestore();
            _machine.RegisterDue(queue);
        }

        _machine.CapturedIndex = _machine.AppliedIndex;
        return _machine;
    }

    private ReadOnlyMemory<byte> Fetch(PieceRecord record)
    {
        var bytes = piece(record.Name);
        record.Verify(bytes);
        return bytes;
    }

    private Page ReadPage(PieceRecord record, Func<QueueName, Backlog> backlogOf)
    {
        var page = PageEncoding.Decode(new StateReader(record.Name, Fetch(record)), backlogOf, layout.PageMessages);
        for (var slot = 0; slot < page.Used; slot++)
        {
            if (page[slot].State != MessageState.Gone)
                SegmentOf(record, page[slot].Segment).Live++;
        }

        (page.Captured, page.Hash) = (record, record.Hash);
        return page;
    }

    // The order of silence runs across all buckets.
    private void ReadProducers(IReadOnlyList<PieceRecord> buckets)
    {
        var producers = buckets.SelectMany(record => ProducerEncoding.Decode(new StateReader(record.Name, Fetch(record)), name => QueueOf(record, name)));
        foreach (var producer in producers.OrderBy(producer => producer.LastHeardIndex))
            _machine.Producers.Attach(producer);
        foreach (var record in buckets)
        {
            var bucket = _machine.Producers.Buckets[(int)record.Number];
            (bucket.Captured, bucket.Hash) = (record, record.Hash);
        }
    }

    private static void PutLease(StoredLease lease)
    {
        if (!lease.Queue.Backlog.TryFind(lease.Sequence, out var message))
            throw new DamagedSnapshotException("state", $"queue '{lease.Queue.Name}' leases message {lease.Sequence}, which is in no page");
        lease.Queue.Leases.Add(message, lease.Consumer, lease.Token, lease.Until);
    }

    private QueueState QueueOf(PieceRecord record, QueueName name) => _machine.TryFind(name, out var queue)
        ? queue
        : throw new DamagedSnapshotException(record.Name, $"it belongs to queue '{name}', which is not in the snapshot");

    private Outbox OutboxOf(PieceRecord record, QueueName target) => _machine.Outboxes.TryFind(target, out var outbox)
        ? outbox
        : throw new DamagedSnapshotException(record.Name, $"it belongs to the outbox for queue '{target}', which is not in the snapshot");

    private Segment SegmentOf(PieceRecord record, long number) => _machine.Segments.TryFind(number, out var segment)
        ? segment
        : throw new DamagedSnapshotException(record.Name, $"it names segment {number}, which is not in the snapshot");
}
