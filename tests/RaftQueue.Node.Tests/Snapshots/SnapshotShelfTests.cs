using Akka.Persistence;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Snapshots;

/// <summary>What the shelf asks of the store that it lies in.</summary>
public sealed class SnapshotShelfTests() : TestKit(SnapshotBench.Hocon)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Many_pieces_are_given_up_some_at_a_time()
    {
        const int Pieces = (2 * SnapshotShelf.DeletedAtOnce) + 5;
        var store = CreateTestProbe();
        var shelf = new SnapshotShelf(new PieceStore(store, Deadline), new NodeId("n1"), Members.Group);
        var noting = shelf.NoteAsync(new LogIndex(1), Enumerable.Range(0, Pieces).Select(number => $"piece-{number}"));
        var note = store.ExpectMsg<SaveSnapshot>(Deadline);
        store.Reply(new SaveSnapshotSuccess(note.Metadata));
        await noting;

        var forgetting = shelf.ForgetBeforeAsync(new LogIndex(2));
        var deleted = new HashSet<string>();
        while (deleted.Count < Pieces)
        {
            if (await store.ExpectMsgAsync<object>(Deadline) is LoadSnapshot load)
            {
                var isNoted = load.PersistenceId == note.Metadata.PersistenceId && load.Criteria.MaxSequenceNr == 1;
                store.Reply(new LoadSnapshotResult(isNoted ? new SelectedSnapshot(note.Metadata, note.Snapshot) : null, load.ToSequenceNr));
                continue;
            }

            var together = Math.Min(SnapshotShelf.DeletedAtOnce, Pieces - deleted.Count);
            var asked = new List<(DeleteSnapshot Deletion, Akka.Actor.IActorRef Asker)> { ((DeleteSnapshot)store.LastMessage, store.LastSender) };
            while (asked.Count < together)
                asked.Add((await store.ExpectMsgAsync<DeleteSnapshot>(Deadline), store.LastSender));
            Assert.False(store.HasMessages, "More pieces are deleted, although those before are not gone yet.");
            Assert.False(forgetting.IsCompleted);
            foreach (var (deletion, asker) in asked)
            {
                Assert.True(deleted.Add(deletion.Metadata.PersistenceId));
                asker.Tell(new DeleteSnapshotSuccess(deletion.Metadata), store);
            }
        }

        // The snapshots that named them go last: until then it is known which pieces there were.
        for (var ends = 0; ends < 2; ends++)
            store.Reply(new DeleteSnapshotsSuccess((await store.ExpectMsgAsync<DeleteSnapshots>(Deadline)).Criteria));
        await forgetting.WaitAsync(Deadline);
    }
}
