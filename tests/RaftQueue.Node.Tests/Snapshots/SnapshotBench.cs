using System.Buffers;
using System.Text;
using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Raft;

namespace RaftQueue.Node.Tests.Snapshots;

/// <summary>A replica's machine and its <see cref="SnapshotKeeper"/> over a piece store in memory that can be made to stop at any of its writes.</summary>
internal sealed class SnapshotBench
{
    public const string Hocon = """
        akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off, log-dead-letters-during-shutdown = off }
        """;

    private static readonly QueueName Queue = new("orders");
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TestKitBase _kit;
    private readonly IActorRef _database;
    private readonly string _name;
    private readonly ProducerId _producer = new(Guid.NewGuid());
    private TaskCompletionSource _stopped = new();
    private readonly List<(LogIndex Index, LogTime Stamp, ICommand Command)> _log = [];
    private long _sent;

    public SnapshotBench(TestKitBase kit, string name = "n1")
    {
        (_kit, _name) = (kit, name);
        _database = kit.Sys.ActorOf(Props.Create(() => new MemoryDatabase()));
        Restart();
    }

    public QueueMachine Machine { get; private set; } = new();

    public IActorRef Keeper { get; private set; } = ActorRefs.Nobody;

    public SnapshotShelf Shelf { get; private set; } = null!;

    /// <summary>The disk has refused a write or a deletion; all before it are done.</summary>
    public Task Stopped => _stopped.Task;

    public SnapshotMeta Meta => new(Machine.AppliedIndex, new Term(1), Machine.Now, Members.Voters(3), QueueMachine.Version);

    /// <summary>The keeper starts anew on what is stored, as after a crash; the disk stops after so many writes and deletions.</summary>
    public void Restart(int writes = int.MaxValue)
    {
        _kit.Sys.Stop(Keeper);
        var (database, stopped) = (_database, _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var store = _kit.Sys.ActorOf(Props.Create(() => new StoppingStore(database, writes, stopped)));
        var shelf = Shelf = new SnapshotShelf(new PieceStore(store, TimeSpan.FromMinutes(5)), new NodeId(_name), Members.Group);
        Keeper = _kit.Sys.ActorOf(Props.Create(() => new SnapshotKeeper(shelf)));
    }

    /// <summary>All that was applied, as a log that begins with the first entry.</summary>
    public Log Log => Log.Of(SnapshotMeta.Origin(Members.Voters(3))).Append(
        [.. _log.Select(entry => new Entry(entry.Index, new Term(1), entry.Stamp, EntryKind.Command, CommandCodec.Encode(entry.Command)))]);

    public void Declare() => Apply(new DeclareQueue(Queue, QueueOptions.Default));

    public void Apply(ICommand command)
    {
        _log.Add((Machine.AppliedIndex.Next, new LogTime(Machine.AppliedIndex.Value), command));
        CatchUp();
    }

    /// <summary>Applies what the log has after the snapshot that the machine was restored from.</summary>
    public void CatchUp()
    {
        foreach (var (index, stamp, command) in _log.Where(entry => entry.Index > Machine.AppliedIndex))
            Machine.Apply(index, stamp, command);
    }

    public void Enqueue(int count, int bytes)
    {
        for (var i = 0; i < count; i++)
        {
            var output = new ArrayBufferWriter<byte>();
            MessageView.Write(output, null, null, null, default, Encoding.UTF8.GetBytes($"{++_sent}-".PadRight(bytes, 'x')));
            Apply(new Enqueue(Queue, _producer, _sent, IsAtomic: true, new MessageBlock(output.WrittenMemory, 1)));
        }
    }

    /// <summary>Asks the keeper, and waits for the answer.</summary>
    public T Ask<T>(object message) => Keeper.Ask<T>(message, Deadline).GetAwaiter().GetResult();

    public void Tell(object message) => Keeper.Tell(message, _kit.TestActor);

    public MachineSaved Save(SnapshotCapture capture) => Ask<MachineSaved>(new SaveMachine(capture));

    /// <summary>The machine as of a snapshot that is stored; the bench goes on with it.</summary>
    public QueueMachine Restore(SnapshotMeta meta) => Machine = Ask<MachineRestored>(new RestoreMachine(meta)).Machine;

    public Input.SnapshotChunkRead Read(SnapshotMeta meta, SnapshotCursor cursor) =>
        Ask<Input.SnapshotChunkRead>(new Effect.ReadSnapshotChunk(Members.Node(2), meta, cursor));

    public Input.SnapshotChunkStored Store(SnapshotMeta meta, Input.SnapshotChunkRead chunk, long term = 1) =>
        Ask<Input.SnapshotChunkStored>(new Effect.StoreSnapshotChunk(
            new InstallSnapshot(Members.Group, new Term(term), meta, chunk.Cursor, chunk.PieceLength, chunk.Data, 1)));

    /// <summary>Takes a whole snapshot over from a leader, chunk by chunk, and returns what was asked for; <paramref name="change"/> may spoil what is on the way.</summary>
    public (IReadOnlyList<SnapshotCursor> Asked, Input.SnapshotChunkStored Last) TakeOver(
        SnapshotBench leader, SnapshotMeta meta, Func<Input.SnapshotChunkRead, Input.SnapshotChunkRead>? change = null, int atMost = int.MaxValue)
    {
        var asked = new List<SnapshotCursor>();
        var cursor = SnapshotCursor.Start;
        while (true)
        {
            asked.Add(cursor);
            var chunk = leader.Read(meta, cursor);
            var stored = Store(meta, change?.Invoke(chunk) ?? chunk);
            if (stored.Next is not { } next || asked.Count == atMost)
                return (asked, stored);
            cursor = next;
        }
    }

    /// <summary>Passes everything on to the database, until it has let so many writes and deletions through.</summary>
    private sealed class StoppingStore : ReceiveActor
    {
        public StoppingStore(IActorRef database, int writes, TaskCompletionSource stopped)
        {
            var left = writes;
            ReceiveAny(message =>
            {
                if (message is LoadSnapshot || left-- > 0)
                    database.Forward(message);
                else
                    stopped.TrySetResult(); // and no answer any more
            });
        }
    }

    /// <summary>What a snapshot store does with pieces, in memory.</summary>
    private sealed class MemoryDatabase : ReceiveActor
    {
        private readonly Dictionary<(string Owner, long Number), object> _rows = [];

        public MemoryDatabase()
        {
            Receive<SaveSnapshot>(save =>
            {
                _rows[(save.Metadata.PersistenceId, save.Metadata.SequenceNr)] = save.Snapshot;
                Sender.Tell(new SaveSnapshotSuccess(save.Metadata));
            });
            Receive<LoadSnapshot>(load => Sender.Tell(new LoadSnapshotResult(Latest(load.PersistenceId, load.Criteria.MaxSequenceNr), load.ToSequenceNr)));
            Receive<DeleteSnapshot>(delete =>
            {
                _rows.Remove((delete.Metadata.PersistenceId, delete.Metadata.SequenceNr));
                Sender.Tell(new DeleteSnapshotSuccess(delete.Metadata));
            });
            Receive<DeleteSnapshots>(delete =>
            {
                foreach (var row in _rows.Keys.Where(row => row.Owner == delete.PersistenceId && row.Number <= delete.Criteria.MaxSequenceNr).ToList())
                    _rows.Remove(row);
                Sender.Tell(new DeleteSnapshotsSuccess(delete.Criteria));
            });
        }

        private SelectedSnapshot? Latest(string owner, long through)
        {
            var found = _rows.Keys.Where(row => row.Owner == owner && row.Number <= through).OrderByDescending(row => row.Number).Take(1).ToList();
            return found is [var row] ? new SelectedSnapshot(new SnapshotMetadata(owner, row.Number, DateTime.UnixEpoch), _rows[row]) : null;
        }
    }
}
