using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Snapshots;

/// <summary>
/// Keeps the snapshots of one replica: saves its own, reads chunks of them for followers that are far behind, and takes in the leader's chunk by chunk (§7).
/// One thing at a time, so that a snapshot is never read while it is removed. Only single segments are read beside: each is in every snapshot for as long as the
/// machine has messages in it.
/// </summary>
/// <remarks>A store that fails stops the replica: what the machine believes to be stored must be.</remarks>
internal sealed class SnapshotKeeper : ReceiveActor, IWithUnboundedStash
{
    private readonly SnapshotShelf _shelf;
    private readonly SnapshotReader _reader;
    private readonly SnapshotReceiver _receiver;

    /// <param name="shelf">Where the snapshots lie.</param>
    public SnapshotKeeper(SnapshotShelf shelf)
    {
        _shelf = shelf;
        _reader = new SnapshotReader(shelf);
        _receiver = new SnapshotReceiver(shelf);
        Become(Idle);
    }

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    private void Idle()
    {
        Receive<SaveMachine>(save => Work(Save(save), Sender));
        Receive<Compacted>(compacted => Work(Forget(compacted.Snapshot.LastIncludedIndex)));
        Receive<RestoreMachine>(restore => Work(Restore(restore.Meta), Sender));
        Receive<Effect.ReadSnapshotChunk>(read => Work(_reader.ReadAsync(read), Sender));
        Receive<Effect.StoreSnapshotChunk>(store => Work(_receiver.StoreAsync(store.Chunk), Sender));
        Receive<ReadSegment>(Read);
    }

    private void Busy()
    {
        Receive<ReadSegment>(Read);
        Receive<Done>(done =>
        {
            if (done.Result is not null)
                done.Asker?.Tell(done.Result);
            Become(Idle);
            Stash.UnstashAll();
        });
        Receive<Status.Failure>(failure => throw new InvalidOperationException(
            Trouble.OfSnapshot(failure.Cause), failure.Cause));
        ReceiveAny(_ => Stash.Stash());
    }

    private void Read(ReadSegment read) => _shelf.LoadPieceAsync(read.Piece).PipeTo(
        Sender, Self, bytes => new SegmentRead(read.Segment, bytes), failure => new SegmentUnreadable(read.Segment, failure));

    private void Work(Task<object?> work, IActorRef? asker = null)
    {
        work.PipeTo(Self, success: result => new Done(result, asker));
        Become(Busy);
    }

    private async Task<object?> Save(SaveMachine save)
    {
        await _shelf.SaveAsync(save.Capture);
        return new MachineSaved(save.Capture.Index, save.Capture.Stamp);
    }

    private async Task<object?> Forget(LogIndex index)
    {
        _reader.ForgetBefore(index);
        await _shelf.ForgetBeforeAsync(index);
        return null;
    }

    private async Task<object?> Restore(SnapshotMeta meta) => new MachineRestored(await _shelf.LoadMachineAsync(meta.LastIncludedIndex));

    private sealed record Done(object? Result, IActorRef? Asker);
}
