using CsCheck;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>
/// Three groups whose dead-letter queues form a cycle, as declarations at the same moment can make one. Messages are sent, rejected,
/// expire and are redriven; what travels
/// between the groups is lost, repeated and late; each machine is restored at any moment. A failure prints its seed and the shortest run
/// that was found.
/// </summary>
[Trait("Category", "Fault")]
public sealed class ManyGroupsModelTests
{
    [Fact]
    public void F21_Through_a_cycle_of_dead_letter_queues_of_three_groups_nothing_is_lost_or_stored_twice_and_everything_comes_to_rest() =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 999]).Array[0, 200].Sample(steps => new Run().Play(steps), iter: 200);

    private sealed class Run
    {
        private static readonly QueueName[] Queues = [new("a"), new("b"), new("c")];

        private readonly Bench[] _groups = [new(), new(), new()];
        private readonly SnapshotStore[] _stores = [new(), new(), new()];
        private readonly List<Transfer> _onTheWay = [];
        private readonly List<(int Group, Transferred Arrived)> _answers = [];
        private readonly HashSet<string> _done = [];
        private int _sent;

        public void Play((int Kind, int Choice)[] steps)
        {
            for (var i = 0; i < _groups.Length; i++)
            {
                var options = new QueueOptions { DeadLetterQueue = Queues[(i + 1) % 3], TimeToLive = Seconds(i == 1 ? 5 : 50), DeliveryLimit = i == 2 ? 2 : 0 };
                _groups[i].Declare(options, Queues[i], deadLetterGroup: new GroupId((i + 1) % 3));
            }

            foreach (var (kind, choice) in steps)
                Step(kind, choice);
            ComeToRest();
            var stored = _groups.SelectMany((group, i) => group.PeekTexts(Queues[i])).Concat(_done).Select(int.Parse).Order();
            Assert.Equal(Enumerable.Range(1, _sent), stored);
            for (var i = 0; i < _groups.Length; i++)
                CheckWays(i);
        }

        private void Step(int kind, int choice)
        {
            var i = choice % 3;
            var group = _groups[i];
            switch (kind)
            {
                case < 15:
                    group.Send(Bodies($"{++_sent}"), queue: Queues[i]);
                    break;
                case < 45:
                    Work(group, Queues[i], choice / 3);
                    break;
                case < 57:
                    foreach (var target in group.Machine.Outboxes.ToList())
                        _onTheWay.Add(group.Machine.Pack(target, new GroupId(i), 1 + (choice % 200))!.Transfer);
                    break;
                case < 75 when _onTheWay.Count > 0:
                    Arrive(_onTheWay[choice % _onTheWay.Count]);
                    break;
                case < 85 when _answers.Count > 0:
                    var (from, arrived) = _answers[choice % _answers.Count];
                    TwoGroups.Confirm(_groups[from], arrived);
                    break;
                case < 91:
                    group.Do<Redriven>(new Redrive(Queues[i], Guid.NewGuid(), null, 1 + (choice % 4)) { Source = choice % 2 == 0 ? Queues[(i + 2) % 3] : null });
                    break;
                case < 95:
                    group.Machine = Bench.Copy(group.Machine, _stores[i]);
                    break;
                default:
                    Array.ForEach(_groups, one => one.Tick(choice % 4));
                    break;
            }
        }

        private void Work(Bench group, QueueName queue, int choice)
        {
            foreach (var lease in group.Pull(1 + (choice % 2), queue, Bob))
            {
                var settlement = (choice % 5) switch { 0 => Ack(lease), 1 => Release(lease), _ => Reject(lease, "bad") };
                var text = group.Text(lease.Body);
                var refused = group.Do<Settled>(new Settle(queue, Bob, lease.Token, [settlement])).Refused;
                if (settlement.Kind == SettlementKind.Ack)
                    Assert.True(refused.IsEmpty && _done.Add(text));
                if (!refused.IsEmpty)
                    group.Do<Settled>(new Settle(queue, Bob, lease.Token, [Release(lease)]));
            }
        }

        // What was ever sent may arrive, again and in any order; it stays on the list, so that it can come once more.
        private void Arrive(Transfer transfer)
        {
            var target = Array.IndexOf(Queues, transfer.Queue);
            _answers.Add((transfer.From.Value, _groups[target].Do<Transferred>(transfer)));
        }

        // Everything that can expire expires, and everything on its way arrives: were a cycle followed, this would not end.
        private void ComeToRest()
        {
            for (var round = 0; round < 20; round++)
            {
                Array.ForEach(_groups, group => group.Tick(100));
                for (var i = 0; i < _groups.Length; i++)
                    Deliver(i);
            }

            Assert.All(_groups, group => Assert.Empty(group.Machine.Outboxes));
            Assert.All(_groups, group => Assert.Null(group.Machine.NextDue));
        }

        private void Deliver(int from)
        {
            while (_groups[from].Machine.Outboxes.FirstOrDefault() is { Value: not null } target)
            {
                var transfer = _groups[from].Machine.Pack(target, new GroupId(from), TwoGroups.MaxBytes)!.Transfer;
                TwoGroups.Confirm(_groups[from], _groups[Array.IndexOf(Queues, target)].Do<Transferred>(transfer));
            }
        }

        private void CheckWays(int group)
        {
            foreach (var letter in _groups[group].PeekPages(Queues[group]).SelectMany(page => page.DeadLetters))
            {
                QueueName[] way = [.. letter.Via, letter.Source, Queues[group]];
                Assert.Equal(way.Distinct(), way);
            }
        }
    }
}
