using Akka.Actor;
using Akka.Persistence;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>Persists each byte array that it is told, and answers with its sequence number once it is durable.</summary>
public sealed class RememberingActor : ReceivePersistentActor
{
    private readonly List<byte[]> remembered = [];
    private readonly IActorRef failures;

    public RememberingActor(string persistenceId, IActorRef failures)
    {
        PersistenceId = persistenceId;
        this.failures = failures;
        JournalPluginId = StoragePlugins.JournalId;
        SnapshotPluginId = StoragePlugins.SnapshotStoreId;

        Recover<byte[]>(remembered.Add);
        Command<byte[]>(bytes => Persist(bytes, saved =>
        {
            remembered.Add(saved);
            Sender.Tell(LastSequenceNr);
        }));
        Command<Recall>(_ => Sender.Tell(remembered.ToArray()));
        Command<Forget>(forget => DeleteMessages(forget.Through));
        Command<DeleteMessagesSuccess>(done => failures.Tell(done));
    }

    public override string PersistenceId { get; }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        failures.Tell(new Status.Failure(cause));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    public sealed record Recall;

    public sealed record Forget(long Through);
}
