using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Pattern;
using Akka.TestKit;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Storage;
using Envelope = RaftQueue.Contracts.Raft.Envelope;
using TestKit = Akka.TestKit.Xunit2.TestKit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The replica was started with this memory, by this journal.</summary>
internal sealed record ReplicaStarted(Memory Memory, IActorRef Journal, IActorRef Child);

/// <summary>Makes the child that hears it fail.</summary>
internal sealed record Poison;

/// <summary>A <see cref="RaftJournal"/> under its back-off, as a node runs it, with probes for peers and for its replica's actors.</summary>
internal sealed class JournalBench : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly NodeStorage? _storage;

    private JournalBench(ActorSystem system, NodeStorage? storage)
    {
        (System, _storage) = (system, storage);
        Kit = new TestKit(system);
        (Peers, Starts, Raft, Snapshots) = (Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe());
    }

    public ActorSystem System { get; }

    public TestKit Kit { get; }

    public TestProbe Peers { get; }

    public TestProbe Starts { get; }

    public TestProbe Raft { get; }

    public TestProbe Snapshots { get; }

    public static JournalBench OnSqlite(TemporaryFolder folder)
    {
        var settings = StorageSettings.Create(ConfigurationFactory.ParseString($"raftqueue.storage.data-directory = \"{folder.PathOf("data")}\""));
        var storage = NodeStorage.Open(settings, "n1");
        var config = Quiet.WithFallback(storage.Plugins).WithFallback(TestKitBase.DefaultConfig);
        var setup = storage.AddTo(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config)));
        return new JournalBench(ActorSystem.Create("journal", setup), storage);
    }

    /// <summary>A journal that follows a script; the memory lasts as long as the bench.</summary>
    public static (JournalBench Bench, JournalScript Script) Scripted()
    {
        var name = $"scripted-{Guid.NewGuid():N}";
        var config = Quiet.WithFallback($$"""
            {{StoragePlugins.JournalId}} {
              class = "{{typeof(ScriptedJournal).FullName}}, {{typeof(ScriptedJournal).Assembly.GetName().Name}}"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              circuit-breaker { max-failures = 1, call-timeout = 3s, reset-timeout = 100ms }
            }
            {{StoragePlugins.SnapshotStoreId}} {
              class = "Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
            """).WithFallback(TestKitBase.DefaultConfig);
        return (new JournalBench(ActorSystem.Create(name, config), storage: null), JournalScript.Of(name));
    }

    /// <summary>Starts the journal; its replica is a relay to <see cref="Raft"/> unless another is given.</summary>
    public IActorRef Start(StartReplica? start = null, TimeSpan? backoff = null, long checkpointBytes = 0)
    {
        var (self, peers, replica) = (Members.Identity(1), (IActorRef)Peers, start ?? Relays());
        var journal = Props.Create(() => new RaftJournal(self, peers, checkpointBytes, replica));
        var least = backoff ?? TimeSpan.FromMilliseconds(50);
        return System.ActorOf(BackoffSupervisor.Props(Backoff.OnStop(journal, "journal", least, least * 4, randomFactor: 0, maxNrOfRetries: -1)
            .WithDefaultStoppingStrategy()));
    }

    public ReplicaStarted ExpectStart() => Starts.ExpectMsg<ReplicaStarted>(Deadline);

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        _storage?.Dispose();
    }

    private static Config Quiet { get; } = ConfigurationFactory.ParseString("akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off }");

    private StartReplica Relays() => (memory, context) =>
    {
        var (raft, snapshots) = (context.ActorOf(Props.Create(() => new Relay(Raft)), "raft"), context.ActorOf(Props.Create(() => new Relay(Snapshots)), "snapshots"));
        Starts.Tell(new ReplicaStarted(memory, context.Self, raft));
        return new ReplicaActors(raft, ActorRefs.Nobody, snapshots);
    };

    private sealed class Relay : ReceiveActor
    {
        public Relay(IActorRef to)
        {
            Receive<Poison>(_ => throw new InvalidOperationException("A handler failed"));
            ReceiveAny(to.Forward);
        }
    }
}

/// <summary>A replica's side of its journal: numbers what is to be remembered, and keeps the memory that it should lead to.</summary>
internal sealed class Rememberer(ReplicaStarted started)
{
    private long _number;

    public Memory Memory { get; private set; } = started.Memory;

    public Remember Remember(ImmutableArray<IRaftEvent> events, params Envelope[] thenSend)
    {
        foreach (var @event in events)
            Memory = Memory.Apply(@event);
        var mark = new WriteMark(Memory.CurrentTerm, Memory.Log.LastIndex, Memory.Log.LastTerm);
        var remember = new Remember(++_number, events, mark, Memory, [.. thenSend]);
        started.Journal.Tell(remember);
        return remember;
    }

    public Remember Append(params Envelope[] thenSend) =>
        Remember([new EntriesAppended([Members.Command(Memory.Log.LastIndex.Value + 1, 1, 7)])], thenSend);

    /// <summary>Something that may be said only when it is remembered; the round tells one from the other.</summary>
    public static Envelope Acknowledgement(long round) => new(
        Members.Node(1), Members.Life(Members.Node(1)), Members.Node(2), Members.Life(Members.Node(2)), Members.Accepted(1, round, round));
}
