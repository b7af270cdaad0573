using System.Globalization;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using Xunit;
using Xunit.Abstractions;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>
/// Random schedules through a <see cref="RaftActor"/> and, step by step, through the bare rules: the FSM shell adds nothing of its own and leaves nothing out.
/// </summary>
/// <remarks>
/// <c>RAFTQUEUE_REPLAY_SEEDS</c> says how many schedules are run (200), <c>RAFTQUEUE_REPLAY_FIRST</c> from which seed on (1): set both to replay a failure.
/// </remarks>
public sealed class ReplayTests(ITestOutputHelper output) : TestKit(VirtualTime.Hocon)
{
    [Fact]
    public void The_shell_does_what_the_rules_say_and_nothing_else()
    {
        var (first, count) = (Setting("RAFTQUEUE_REPLAY_FIRST", 1), Setting("RAFTQUEUE_REPLAY_SEEDS", 200));
        var seen = new Dictionary<Role, int>();
        for (var seed = first; seed < first + count; seed++)
        {
            var schedule = new ReplaySchedule(this, seed);
            schedule.Run(steps: 150);
            foreach (var (role, steps) in schedule.StepsAs)
                seen[role] = seen.GetValueOrDefault(role) + steps;
            Sys.Stop(schedule.Actor);
        }

        output.WriteLine(string.Join(", ", seen.Select(role => $"{role.Value} steps as {role.Key}")));
        if (count >= 20) // a few schedules need not visit every role
            Assert.All(Enum.GetValues<Role>(), role => Assert.True(seen.GetValueOrDefault(role) > count, $"The schedules hardly met a {role}."));
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}

/// <summary>One seed: a group whose first member is a <see cref="RaftActor"/> with the bare rules beside it, and whose others are bare rules alone.</summary>
internal sealed class ReplaySchedule
{
    private readonly int _seed;
    private readonly Random _random;
    private readonly ReplicaBench _bench;
    private readonly BareShell[] _shells;
    private readonly List<Envelope> _network = [];
    private readonly TestProbe _client;
    private int _step;
    private string _action = "wake";

    public ReplaySchedule(TestKitBase kit, int seed)
    {
        (_seed, _random) = (seed, new Random(seed));
        var members = _random.Next(3, 6);
        var settings = Members.Settings;
        var draws = new Random(seed);
        _bench = new ReplicaBench(kit, members, settings: settings, random: draws.NextDouble, name: $"raft-{seed}");
        _client = kit.CreateTestProbe();
        _shells = [.. Enumerable.Range(1, members).Select(number =>
        {
            // The shell beside the actor draws the same numbers in the same order.
            var ownDraws = new Random(number == 1 ? seed : seed * 10 + number);
            return new BareShell(Members.Identity(number), Members.Fresh(members), settings, ownDraws.NextDouble, Now);
        })];
    }

    public Akka.Actor.IActorRef Actor => _bench.Fsm;

    public Dictionary<Role, int> StepsAs { get; } = [];

    private TimeSpan Now => TimeSpan.FromTicks(_bench.Time.GetTimestamp());

    private BareShell Shadow => _shells[0];

    public void Run(int steps)
    {
        Compare();
        for (_step = 1; _step <= steps; _step++)
        {
            Act();
            foreach (var shell in _shells)
            {
                _network.AddRange(shell.Outbox);
                shell.Outbox.Clear();
            }

            StepsAs[Shadow.Replica.Role] = StepsAs.GetValueOrDefault(Shadow.Replica.Role) + 1;
        }
    }

    private void Act()
    {
        switch (_random.Next(20))
        {
            case < 8:
                Deliver(_random.Next(1, 6));
                break;
            case < 11:
                FinishWrites();
                break;
            case < 14:
                PassTime(TimeSpan.FromMilliseconds(_random.Next(1, 250)));
                break;
            case < 16:
                Propose(_random.Next(0, 90));
                break;
            case 16:
                Read();
                break;
            case 17:
                LosePeer();
                break;
            case 18:
                Compact();
                break;
            default:
                if (_random.Next(4) == 0)
                    HandOver();
                else
                    WorkOnSnapshots();
                break;
        }
    }

    private void Deliver(int count)
    {
        for (; count > 0 && _network.Count > 0; count--)
        {
            var place = _random.Next(_network.Count);
            var envelope = _network[place];
            if (_random.Next(10) > 0)
                _network.RemoveAt(place); // else it will come a second time
            if (_random.Next(20) == 0)
                continue; // lost
            var to = Array.FindIndex(_shells, shell => shell.Replica.Self.Node == envelope.To);
            Both(to, $"deliver {envelope}", new Input.Received(envelope), envelope);
        }
    }

    private void Both(int member, string action, Input input, object message)
    {
        _action = action;
        _shells[member].Obey(input, Now);
        if (member != 0)
            return;
        _bench.Fsm.Tell(message);
        Compare();
    }

    private void FinishWrites()
    {
        foreach (var shell in _shells)
        {
            if (shell.Writes == 0 || _random.Next(3) == 0)
                continue;
            _action = "finish writes";
            var remembered = shell.FinishWrites(_random.Next(1, shell.Writes + 1), Now);
            if (shell != Shadow)
                continue;
            _bench.Fsm.Tell(remembered);
            Compare();
        }
    }

    // From one timer to the next, so that nobody's fires late.
    private void PassTime(TimeSpan span)
    {
        var end = Now + span;
        while (Now < end)
        {
            var next = _shells.Min(shell => shell.NextDue);
            _action = "time passes";
            _bench.Advance((next < end ? next : end) - Now);
            foreach (var shell in _shells)
                shell.FireDue(Now);
            Compare();
        }
    }

    private void Propose(int bytes)
    {
        var payload = new byte[bytes];
        _random.NextBytes(payload);
        foreach (var shell in _shells.Skip(1))
            shell.Propose(payload, Now);
        _action = $"propose {bytes} bytes";
        Shadow.Propose(payload, Now);
        _bench.Fsm.Tell(new ProposeCommand(new Origin(_client, 1), payload, Tick.Instance));
        Compare();
    }

    private void Read()
    {
        _action = "read";
        Shadow.Read(Now);
        _bench.Fsm.Tell(new AskQuery(new Origin(_client, 1), new ListQueues("")));
        Compare();
    }

    private void LosePeer()
    {
        var lost = Members.Node(_random.Next(2, _shells.Length + 1));
        Both(0, $"lose {lost}", new Input.PeerLost(lost), new Input.PeerLost(lost));
    }

    private void HandOver()
    {
        _action = "hand over";
        Shadow.HandOver(Now);
        _bench.Fsm.Tell(new HandOver(), _client);
        Compare();
    }

    private void Compact()
    {
        var member = _random.Next(_shells.Length);
        var (shell, applied) = (_shells[member], _shells[member].Replica.LastApplied);
        if (applied == Contracts.LogIndex.Zero)
            return;
        _action = $"compact through {applied}";
        shell.Compact(applied, Now);
        if (member != 0)
            return;
        _bench.Fsm.Tell(new MachineSaved(applied, new Contracts.LogTime(0)));
        Compare();
    }

    // A snapshot of one chunk, which every keeper can read and store.
    private void WorkOnSnapshots()
    {
        for (var member = 0; member < _shells.Length; member++)
        {
            var work = _shells[member].SnapshotWork.ToList();
            _shells[member].SnapshotWork.Clear();
            foreach (var effect in work)
            {
                Input done = effect switch
                {
                    Effect.ReadSnapshotChunk read => new Input.SnapshotChunkRead(read.To, read.Meta, read.Cursor, 1, new byte[1]),
                    Effect.StoreSnapshotChunk store => new Input.SnapshotChunkStored(store.Chunk.Meta, Next: null, Refusal: _random.Next(8) == 0 ? "damaged" : ""),
                    _ => throw new InvalidOperationException($"No way to work on {effect}."),
                };
                Both(member, $"{done}", done, done);
            }
        }
    }

    private void Compare()
    {
        var replay = $"seed {_seed}, step {_step}, {_action}; replay with RAFTQUEUE_REPLAY_FIRST={_seed} RAFTQUEUE_REPLAY_SEEDS=1";
        var (expected, actual) = (Shadow.TakeTold(), TakeTold());
        foreach (var neighbour in new[] { "journal", "peers", "queue", "snapshots" })
        {
            var (rules, shell) = (Lines(expected, neighbour), Lines(actual, neighbour));
            Assert.True(rules == shell, $"The {neighbour} was told otherwise ({replay}).\nRules:\n{rules}\nShell:\n{shell}");
        }

        Assert.True(Shadow.Replica.Role == _bench.Role, $"The rules make it {Shadow.Replica.Role}, the FSM is {_bench.Role} ({replay}).");
        var (state, data) = (Telling.StateOf(Shadow.Replica), Telling.StateOf(_bench.Replica));
        Assert.True(state == data, $"The replicas differ ({replay}).\nRules:\n{state}\nShell:\n{data}");
    }

    private static string Lines(IEnumerable<string> told, string neighbour) =>
        string.Join('\n', told.Where(line => line.StartsWith(neighbour, StringComparison.Ordinal)));

    private List<string> TakeTold()
    {
        var told = ReplicaBench.Told<Remember>(_bench.Journal)
            .Select(remember => Telling.Journal(remember.Number, remember.Events, remember.Mark, remember.ThenSend)).ToList();
        told.AddRange(ReplicaBench.Told<Envelope>(_bench.Peers).Select(Telling.Peers));
        told.AddRange(ReplicaBench.Told<Effect>(_bench.Snapshots).Select(Telling.Snapshots));
        foreach (var message in ReplicaBench.Told(_bench.Queue))
        {
            told.Add(message switch
            {
                Committed committed => Telling.Queue(committed.Entries),
                Proposed proposed => $"queue expects {proposed.Commands.Length} from {proposed.First}",
                AskQuery => "queue answers a read",
                StartLeading leading => $"queue leads in {leading.Term}",
                StopLeading => "queue leads no longer",
                RestoreMachine restore => Telling.Queue(new Effect.RestoreMachine(restore.Meta), Role.Follower)!,
                _ => $"queue {message}",
            });
        }

        return told;
    }
}
