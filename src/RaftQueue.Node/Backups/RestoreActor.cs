using Akka.Persistence;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Backups;

/// <summary>Writes the records of a restored log into its journal, one after the other.</summary>
internal sealed class RestoreActor : UntypedPersistentActor
{
    private readonly IEnumerator<byte[]> _records;
    private readonly TaskCompletionSource _done;

    /// <param name="owner">The persistence id of the log.</param>
    /// <param name="records">What to write.</param>
    /// <param name="done">Completes when all is durable, or fails with the reason why not all is.</param>
    public RestoreActor(string owner, IEnumerable<byte[]> records, TaskCompletionSource done)
    {
        PersistenceId = owner;
        (_records, _done) = (records.GetEnumerator(), done);
        JournalPluginId = StoragePlugins.JournalId;
        SnapshotPluginId = StoragePlugins.SnapshotStoreId;
    }

    /// <inheritdoc />
    public override string PersistenceId { get; }

    /// <inheritdoc />
    protected override void PostStop() => _records.Dispose();

    /// <inheritdoc />
    protected override void OnRecover(object message)
    {
        if (message is not RecoveryCompleted)
            throw new InvalidOperationException($"The journal of {PersistenceId} is not empty.");
        WriteNext();
    }

    /// <inheritdoc />
    protected override void OnCommand(object message) => Unhandled(message);

    /// <inheritdoc />
    protected override void OnRecoveryFailure(Exception reason, object? message = null) => _done.TrySetException(reason);

    /// <inheritdoc />
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _done.TrySetException(cause);

    /// <inheritdoc />
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => _done.TrySetException(cause);

    private void WriteNext()
    {
        try
        {
            if (_records.MoveNext())
                Persist(_records.Current, _ => WriteNext());
            else
                _done.TrySetResult();
        }
        catch (Exception problem)
        {
            _done.TrySetException(problem);
        }
    }
}
