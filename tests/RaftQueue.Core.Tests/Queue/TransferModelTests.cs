using CsCheck;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>
/// Two groups over a bad network: what is sent between them is lost, repeated and late, both sides are restored at any moment, and yet every message is in exactly one
/// place. A failure prints its seed and the shortest run that was found.
/// </summary>
public sealed class TransferModelTests
{
    [Fact]
    public void However_often_transfers_are_lost_repeated_or_late_every_message_ends_up_in_one_place() =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 999]).Array[0, 150].Sample(steps => new Run().Play(steps), iter: 300);

    private sealed class Run
    {
        private readonly TwoGroups _groups = new();
        private readonly SnapshotStore _sourceStore = new(), _targetStore = new();
        private readonly List<Transfer> _forth = [], _back = [];
        private readonly List<Transferred> _heardBySource = [], _heardByTarget = [];
        private readonly List<string> _rejected = [];
        private readonly HashSet<string> _done = [];
        private int _sent;

        private Bench Source => _groups.Source;

        private Bench Target => _groups.Target;

        public void Play((int Kind, int Choice)[] steps)
        {
            _groups.DeclareSource();
            Target.Declare(queue: Dead);
            foreach (var (kind, choice) in steps)
                Step(kind, choice);
            Settle();

            // Each message was acknowledged or is in one of the two queues: none is lost, none is there twice.
            var stored = Source.PeekTexts().Concat(Target.PeekTexts(Dead)).Concat(_done).ToList();
            Assert.Equal(Enumerable.Range(1, _sent), stored.Select(int.Parse).Order());
            Assert.Equal(0, Source.Stats().InTransit + Target.Stats(Dead).InTransit);
            Assert.Equal(_rejected.Count, Target.Stats(Dead).Enqueued);
        }

        private void Step(int kind, int choice)
        {
            switch (kind)
            {
                case < 15:
                    Source.Send($"{++_sent}");
                    break;
                case < 35:
                    Decide(Source.Pull(1, consumer: Bob), isAcked: choice % 4 == 0);
                    break;
                case < 45:
                    Note(Source.Machine.Pack(Dead, TwoGroups.First, 1 + (choice % 20)), _forth);
                    break;
                case < 60:
                    Arrive(_forth, Target, _heardBySource, choice);
                    break;
                case < 68:
                    Confirm(_heardBySource, Source, choice);
                    break;
                case < 74:
                    Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 1 + (choice % 3)));
                    break;
                case < 80:
                    Note(Target.Machine.Pack(Orders, TwoGroups.Second, 1 + (choice % 20)), _back);
                    break;
                case < 88:
                    Arrive(_back, Source, _heardByTarget, choice);
                    break;
                case < 94:
                    Confirm(_heardByTarget, Target, choice);
                    break;
                case < 96:
                    Source.Machine = Bench.Copy(Source.Machine, _sourceStore);
                    break;
                case < 98:
                    Target.Machine = Bench.Copy(Target.Machine, _targetStore);
                    break;
                default:
                    Source.Pass(choice % 3);
                    Target.Pass(choice % 2);
                    break;
            }
        }

        private void Decide(IReadOnlyList<Lease> leases, bool isAcked)
        {
            foreach (var lease in leases)
            {
                var text = Source.Text(lease.Body);
                Source.Settle(Bob, isAcked ? Ack(lease) : Reject(lease, ""));
                if (isAcked)
                    Assert.True(_done.Add(text));
                else
                    _rejected.Add(text);
            }
        }

        private static void Note(Consignment? consignment, List<Transfer> onTheWay)
        {
            if (consignment is not null)
                onTheWay.Add(consignment.Transfer);
        }

        // Anything that was ever sent may arrive, again and in any order; it stays on the list, so that it can come once more.
        private static void Arrive(List<Transfer> onTheWay, Bench at, List<Transferred> heard, int choice)
        {
            if (onTheWay.Count > 0)
                heard.Add(at.Do<Transferred>(onTheWay[choice % onTheWay.Count]));
        }

        private static void Confirm(List<Transferred> heard, Bench at, int choice)
        {
            if (heard.Count > 0)
                TwoGroups.Confirm(at, heard[choice % heard.Count]);
        }

        private void Settle()
        {
            while (Source.Machine.Outboxes.Any())
                _groups.Carry();
            while (Target.Machine.Outboxes.Any())
                _groups.CarryBack();
        }
    }
}
