using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>
/// Messages lost, doubled and reordered, slow disks, crashes, cuts, transfers, members that come and go: the witness watches every step. The simulator does this with
/// more; here it guards the rules while one works on them. A failure names its seed.
/// </summary>
public sealed class RandomScheduleTests
{
    private const int Seeds = 300;
    private static readonly string[] s_nodes = ["a", "b", "c", "d", "e"];

    [Fact]
    public void Any_schedule_keeps_Raft_safe_and_once_faults_stop_it_goes_on()
    {
        var committed = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                committed += new Schedule(seed).Play(faults: 1_000);
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"Seed {seed} broke it: {broken.Message}", broken);
            }
        }

        Assert.True(committed > Seeds * 50, $"Only {committed} entries were committed: the schedules prove nothing.");
    }

    private sealed class Schedule
    {
        private readonly Random _random;
        private readonly Cluster _cluster;
        private int _proposals;

        public Schedule(int seed)
        {
            _random = new Random(seed);
            var size = 3 + (2 * _random.Next(2));
            var options = new RaftOptions { MaxEntriesPerAppend = 3, MaxAppendsInFlight = 3, PromotionLag = 20 };
            _cluster = seed % 2 == 0 ? Cluster.Configured(seed, options, s_nodes[..size]) : Cluster.Strangers(seed, options, s_nodes[..size]);
            foreach (var name in s_nodes[size..])
                _cluster.Join(name, options: options);
        }

        public int Play(int faults)
        {
            for (var fault = 0; fault < faults; fault++)
            {
                Disturb();
                _cluster.Run(TimeSpan.FromMilliseconds(_random.Next(12)));
            }

            Recover();
            var committed = _cluster.Witness.Committed.Count;
            for (var attempt = 0; attempt < 10 && !IsDone(committed); attempt++)
            {
                _cluster.Run(TimeSpan.FromSeconds(5), () => _cluster.Leader?.Replica.Leadership!.IsEstablished == true);
                Propose();
                _cluster.Run(TimeSpan.FromSeconds(2));
            }

            Assert.True(IsDone(committed), $"After the faults nothing moves: {string.Join("; ", _cluster.Servers.Select(Describe))}.");
            MembersAgree();
            return committed;
        }

        private static string Describe(Server server) =>
            $"{server.Node} {(server.IsUp ? server.Replica.Role : "down")} in {server.Replica.CurrentTerm}, "
            + $"log through {server.Replica.Log.LastIndex} of {server.Replica.Log.LastTerm}, "
            + $"committed {server.Replica.CommitIndex}, members {server.Replica.Log.Configuration}";

        private bool IsDone(int committed) => _cluster.Witness.Committed.Count > committed;

        private void MembersAgree()
        {
            var leader = _cluster.Leader!;
            _cluster.Run(TimeSpan.FromSeconds(60), () => leader.Replica.Log.Configuration.Members.All(member => IsEqual(member, leader)));
            foreach (var member in leader.Replica.Log.Configuration.Members)
                Assert.True(IsEqual(member, leader), $"{Describe(_cluster[member.Id.Value])} does not catch up with {Describe(leader)}.");
        }

        private bool IsEqual(Member member, Server leader) => _cluster[member.Id.Value].Machine.SequenceEqual(leader.Machine);

        private Server Any() => _cluster.Servers.ElementAt(_random.Next(_cluster.Servers.Count));

        private void Disturb()
        {
            switch (_random.Next(24))
            {
                case < 8:
                    Propose();
                    break;
                case 8:
                    _cluster.Lose(_ => _random.Next(3) == 0);
                    break;
                case 9:
                    foreach (var envelope in _cluster.Network.Where(_ => _random.Next(3) == 0).ToList())
                        _cluster.Post(envelope);
                    break;
                case 10:
                    Any().HoldsWrites = true;
                    break;
                case 11 or 12:
                    Release(Any());
                    break;
                case 13:
                    CrashOne();
                    break;
                case 14 or 15:
                    StartOne();
                    break;
                case 16:
                    _cluster.Isolate(Any().Node.Value);
                    break;
                case 17:
                    _cluster.Cut(Any().Node.Value, Any().Node.Value);
                    break;
                case 18:
                    _cluster.Heal();
                    break;
                case 19 when _cluster.Leader is { } leader:
                    leader.Take(new Input.Transfer(-1, _random.Next(2) == 0 ? null : Any().Node));
                    break;
                case 20 when _cluster.Leader is { } leader:
                    leader.Take(new Input.ChangeMembers(-1, AnyChange(), LogTime.Zero));
                    break;
                case 21 when Any() is { IsUp: true, PendingWrites: 0 } server && server.Replica.LastApplied > server.Replica.Log.Snapshot.LastIncludedIndex:
                    server.TakeSnapshot();
                    break;
                case 22 when _cluster.Leader is { } leader:
                    leader.Take(new Input.Read(_proposals));
                    break;
                case 23 when Any() is { IsUp: true, Replica.Leader: { } leader } server:
                    server.Take(new Input.PeerLost(leader));
                    break;
                default:
                    break;
            }
        }

        private MembershipChange AnyChange() => Any() switch
        {
            var server when _random.Next(2) == 0 => new MembershipChange.Remove(server.Node),
            var server => new MembershipChange.Add(server.Node, server.Incarnation),
        };

        private void Propose()
        {
            if (_cluster.Leader is { } leader)
                _cluster.Propose(leader.Node.Value, $"{++_proposals}");
        }

        private static void Release(Server server)
        {
            server.HoldsWrites = false;
            if (server.IsUp)
                server.CompleteWrites();
        }

        // Never more than a minority at once, so that what is confirmed stays reachable.
        private void CrashOne()
        {
            if (_cluster.Servers.All(server => server.IsUp))
                _cluster.Crash(Any().Node.Value);
        }

        private void StartOne()
        {
            foreach (var server in _cluster.Servers.Where(server => !server.IsUp))
                server.Start();
        }

        private void Recover()
        {
            _cluster.Heal();
            StartOne();
            foreach (var server in _cluster.Servers)
                Release(server);
        }
    }
}
