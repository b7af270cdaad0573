using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using CsCheck;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Raft;
using RaftQueue.Node.Tests.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Snapshots;

/// <summary>
/// The journal and the snapshots of a replica together, on a real database, at every combination of the settings that decide what is kept.
/// </summary>
public sealed class RetentionTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly Gen<int> SnapshotEntries = OneOf(1, 2, 3, 7, int.MaxValue);
    private static readonly Gen<long> SnapshotBytes = OneOf(1024L, 4096L, long.MaxValue);

    // What one entry weighs is among them, one byte less and one more: the bounds where an entry just stays or just goes.
    private static readonly Gen<long> KeptLog = OneOf(0L, 1L, Run.EntryBytes - 1, Run.EntryBytes, Run.EntryBytes + 1, 3 * Run.EntryBytes, 100_000L, long.MaxValue);
    private static readonly Gen<long> Checkpoint = OneOf(0L, 1L, 500L, 100_000L, long.MaxValue);

    private readonly TemporaryFolder _folder = new();

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(place => values[place]);

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Category", "Fault")]
    public async Task F01_Snapshots_log_and_checkpoints_fit_together_at_every_setting()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        var replicas = 0;
        Gen.Select(SnapshotEntries, SnapshotBytes, KeptLog, Checkpoint, Gen.Int[1, 20]).Sample(
            (entries, bytes, kept, checkpoint, count) =>
                new Run(bench, Members.Identity(++replicas), entries, bytes, kept, checkpoint).PlayAsync(count).GetAwaiter().GetResult(),
            iter: 60,
            threads: 1);
    }

    /// <summary>
    /// One replica: it applies entries, takes the snapshots that are due, compacts its log, and recovers from what is stored.
    /// </summary>
    private sealed class Run(JournalBench bench, ReplicaIdentity self, int snapshotEntries, long snapshotBytes, long keptLog, long checkpoint)
    {
        private static readonly ReadOnlyMemory<byte> Payload =
            CommandCodec.Encode(new DeclareQueue(new QueueName("orders"), QueueOptions.Default));

        private readonly SnapshotShelf _shelf = new(Store(bench.System), self.Node, self.Group);
        private readonly Dictionary<LogIndex, string> _digests = [];
        private QueueMachine _machine = new();
        private Rememberer _replica = null!;
        private IActorRef _journal = ActorRefs.Nobody;
        private IActorRef _keeper = ActorRefs.Nobody;
        private (long Entries, long Bytes) _applied;

        public static long EntryBytes { get; } = Payload.Length + Entry.Overhead;

        public async Task PlayAsync(int entries)
        {
            await StartAsync();
            for (var i = 0; i < entries; i++)
            {
                ApplyOne();
                if (Retention.IsSnapshotDue(_applied.Entries, _applied.Bytes, snapshotEntries, snapshotBytes))
                    await TakeSnapshotAsync();
            }

            var (lived, digest) = (_replica.Memory, _machine.Digest());
            await StopAsync();
            await StartAsync();
            Assert.Equal((lived.Log.FirstIndex, lived.Log.LastIndex), (_replica.Memory.Log.FirstIndex, _replica.Memory.Log.LastIndex));
            Assert.Equal(lived.Log.Snapshot, _replica.Memory.Log.Snapshot);
            await CheckStoredAsync(lived.Log, digest);
            await StopAsync();
        }

        private void ApplyOne()
        {
            var index = _replica.Memory.Log.LastIndex.Next;
            var entry = new Entry(index, new Term(1), new LogTime(index.Value), EntryKind.Command, Payload);
            Persist(new EntriesAppended([entry]));
            _machine.Apply(index, entry.Stamp, CommandCodec.Decode(entry.Payload));
            _digests[index] = _machine.Digest();
            _applied = (_applied.Entries + 1, _applied.Bytes + entry.Weight);
        }

        private async Task TakeSnapshotAsync()
        {
            _applied = default;
            var saved = await AskAsync<MachineSaved>(new SaveMachine(_machine.Capture()));
            _machine.MarkStored(saved.Index);
            var log = _replica.Memory.Log;
            Persist(new LogCompacted(log.MetaAt(saved.Index), Retention.CompactThrough(log, saved.Index, keptLog)));
        }

        private void Persist(IRaftEvent happened)
        {
            var number = _replica.Remember(ImmutableArray.Create(happened)).Number;
            bench.Raft.FishForMessage<Remembered>(remembered => remembered.Number == number, Deadline);
        }

        // The log can be recovered and replayed from the snapshots that are kept.
        private async Task CheckStoredAsync(Log log, string digest)
        {
            var (logBase, snapshot) = (log.FirstIndex.Previous, log.Snapshot.LastIncludedIndex);
            Assert.InRange(logBase.Value, 0, snapshot.Value);
            Assert.True(snapshot - logBase == 0 || log.Range(logBase.Next, snapshot).Sum(entry => (long)entry.Weight) <= keptLog);
            var oldest = await AskAsync<OldestMachine>(new LoadOldestMachine(logBase));
            if (snapshot > LogIndex.Zero)
            {
                Assert.True(oldest.Machine is not null, oldest.Problem);
                Assert.Equal(_digests[oldest.Machine.AppliedIndex], oldest.Machine.Digest());
                Assert.InRange(oldest.Machine.AppliedIndex.Value, logBase.Value, snapshot.Value);
                _machine = (await AskAsync<MachineRestored>(new RestoreMachine(log.Snapshot))).Machine;
            }
            else
            {
                Assert.Null(oldest.Machine);
                _machine = new QueueMachine();
            }

            foreach (var entry in log.Range(snapshot.Next, log.LastIndex))
                _machine.Apply(entry.Index, entry.Stamp, CommandCodec.Decode(entry.Payload));
            Assert.Equal(digest, _machine.Digest());
        }

        private async Task StartAsync()
        {
            var started = new TaskCompletionSource<ReplicaStarted>(TaskCreationOptions.RunContinuationsAsynchronously);
            StartReplica start = (memory, context) =>
            {
                _keeper = context.ActorOf(Props.Create(() => new SnapshotKeeper(_shelf)), "snapshots");
                started.SetResult(new ReplicaStarted(memory, context.Self, ActorRefs.Nobody));
                return new ReplicaActors(bench.Raft, ActorRefs.Nobody, _keeper);
            };
            var peers = (IActorRef)bench.Peers;
            _journal = bench.System.ActorOf(Props.Create(() => new RaftJournal(self, peers, checkpoint, start)));
            _replica = new Rememberer(await started.Task.WaitAsync(Deadline));
        }

        private async Task StopAsync() => await _journal.GracefulStop(Deadline);

        // A keeper that fails takes its journal with it, and would never answer.
        private async Task<T> AskAsync<T>(object question)
        {
            using var done = new CancellationTokenSource();
            var answer = _keeper.Ask<T>(question, Deadline);
            var stopped = bench.Kit.CreateTestProbe();
            stopped.Watch(_journal);
            var end = stopped.ExpectTerminatedAsync(_journal, Deadline, cancellationToken: done.Token).AsTask();
            Assert.True(await Task.WhenAny(answer, end) == answer, "The replica has stopped.");
            await done.CancelAsync();
            bench.System.Stop(stopped);
            return await answer;
        }

        private static PieceStore Store(ActorSystem system) =>
            new(Persistence.Instance.Apply(system).SnapshotStoreFor(StoragePlugins.SnapshotStoreId), Deadline);
    }
}
