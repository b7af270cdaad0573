using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Persistence;

namespace RaftQueue.Node.Storage;

/// <summary>A piece together with its number.</summary>
public sealed record StoredPiece(long Number, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Numbered, immutable blobs for snapshots: a snapshot is a small manifest and pieces of about 1 MiB, each a row of its own, so
/// that it is written, read and sent piece by piece. They lie in the node's Akka.Persistence snapshot store, whichever database it has.
/// </summary>
/// <remarks>
/// <para>
/// A number is written once. Saving it again replaces the piece, but when that fails the snapshot store removes the row,
/// and with it the piece that was there: what must survive needs a new number.
/// </para>
/// <para>
/// Every method may be called from any thread, in parallel; an actor pipes the task to itself. A save that has completed is durable.
/// A failure or a timeout is a <see cref="PieceStoreException"/> and leaves open whether the operation took effect.
/// </para>
/// </remarks>
public sealed class PieceStore
{
    private readonly IActorRef store;
    private readonly TimeSpan askTimeout;

    /// <summary>Stores pieces through <paramref name="snapshotStore"/>, an Akka.Persistence snapshot store.</summary>
    public PieceStore(IActorRef snapshotStore, TimeSpan askTimeout)
    {
        store = snapshotStore;
        this.askTimeout = askTimeout;
    }

    /// <summary>The piece store of a node whose actor system was configured by <see cref="NodeStorage"/>.</summary>
    public static PieceStore Of(ActorSystem system, StorageSettings settings) =>
        new(Persistence.Instance.Apply(system).SnapshotStoreFor(StoragePlugins.SnapshotStoreId), settings.Snapshots.AskTimeout);

    /// <summary>Saves a piece. The bytes are copied before the method returns.</summary>
    /// <param name="owner">The persistence id that the piece belongs to, such as <c>raftqueue/0/pieces</c>.</param>
    /// <param name="number">From 0 up to, not including, <see cref="long.MaxValue"/>.</param>
    /// <param name="bytes">The content; it may be empty.</param>
    public async Task SavePieceAsync(string owner, long number, ReadOnlyMemory<byte> bytes)
    {
        Check(owner, number);
        var save = new SaveSnapshot(new SnapshotMetadata(owner, number, DateTime.UtcNow), PieceFrame.Seal(owner, number, bytes.Span));
        if (await Ask(save, "save", owner, number).ConfigureAwait(false) is SaveSnapshotFailure failure)
            throw new PieceStoreException("save", owner, number, failure.Cause);
    }

    /// <summary>Loads a piece; null when there is none of this number.</summary>
    /// <exception cref="DamagedPieceException">The piece is not what was saved.</exception>
    public async Task<ReadOnlyMemory<byte>?> LoadPieceAsync(string owner, long number)
    {
        Check(owner, number);
        // The store answers with the highest number up to the limit; another number than ours means that ours is not there.
        var found = await Select(owner, number).ConfigureAwait(false);
        return found?.Metadata.SequenceNr == number ? Open(owner, found).Bytes : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Loads the piece with the highest number; null when the owner has none.</summary>
    /// <exception cref="DamagedPieceException">That piece is not what was saved. An older one is not taken in its place.</exception>
    public async Task<StoredPiece?> LoadLatestAsync(string owner)
    {
        Check(owner, 0);
        var found = await Select(owner, long.MaxValue).ConfigureAwait(false);
        return found is null ? null : Open(owner, found);
    }

    /// <summary>Loads the piece with the highest number up to and including <paramref name="number"/>; null when there is none.</summary>
    /// <exception cref="DamagedPieceException">That piece is not what was saved.</exception>
    public async Task<StoredPiece?> LoadLatestThroughAsync(string owner, long number)
    {
        Check(owner, number);
        var found = await Select(owner, number).ConfigureAwait(false);
        return found is null ? null : Open(owner, found);
    }

    /// <summary>Deletes a piece; one that is not there is no error.</summary>
    public async Task DeletePieceAsync(string owner, long number)
    {
        Check(owner, number);
        var delete = new DeleteSnapshot(new SnapshotMetadata(owner, number, DateTime.MinValue)); // of any time
        if (await Ask(delete, "delete", owner, number).ConfigureAwait(false) is DeleteSnapshotFailure failure)
            throw new PieceStoreException("delete", owner, number, failure.Cause);
    }

    /// <summary>Deletes all pieces of an owner up to and including <paramref name="number"/>.</summary>
    public async Task DeletePiecesThroughAsync(string owner, long number)
    {
        Check(owner, number);
        var delete = new DeleteSnapshots(owner, new SnapshotSelectionCriteria(number, DateTime.MaxValue));
        if (await Ask(delete, "delete through", owner, number).ConfigureAwait(false) is DeleteSnapshotsFailure failure)
            throw new PieceStoreException("delete through", owner, number, failure.Cause);
    }

    private static void Check(string owner, long number)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfEqual(number, long.MaxValue); // a snapshot store reads it as "the latest"
    }

    private static StoredPiece Open(string owner, SelectedSnapshot found)
    {
        var number = found.Metadata.SequenceNr;
        return found.Snapshot is byte[] framed
            ? new StoredPiece(number, PieceFrame.Open(owner, number, framed))
            : throw new DamagedPieceException(owner, number, "its row holds something else than bytes.");
    }

    private async Task<SelectedSnapshot?> Select(string owner, long through)
    {
        var load = new LoadSnapshot(owner, new SnapshotSelectionCriteria(through, DateTime.MaxValue), long.MaxValue);
        return await Ask(load, "load", owner, through).ConfigureAwait(false) switch
        {
            LoadSnapshotResult result => result.Snapshot,
            LoadSnapshotFailed { Cause: SerializationException cause } =>
                throw new DamagedPieceException(owner, through, "its row names no serializer that is known here.", cause),
            LoadSnapshotFailed failure => throw new PieceStoreException("load", owner, through, failure.Cause),
            var other => throw new InvalidOperationException($"The snapshot store answered a load with {other}."),
        };
    }

    private async Task<object> Ask(object message, string operation, string owner, long number)
    {
        try
        {
            return await store.Ask<object>(message, askTimeout).ConfigureAwait(false);
        }
        catch (AskTimeoutException timeout)
        {
            throw new PieceStoreException(operation, owner, number, new TimeoutException($"There was no answer within {askTimeout.TotalSeconds} s.", timeout));
        }
    }
}
