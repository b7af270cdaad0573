using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>A step of a random run, in numbers that are given a meaning by what is there: so that a run stays sensible when steps are taken out of it.</summary>
public readonly record struct RandomStep(int Kind, int A, int B, int C);

/// <summary>One random run: the reference, a machine that is left alone, and a second machine that is captured and restored on the way.</summary>
/// <param name="layout">How the machines are cut, and how much work one entry does.</param>
/// <param name="knowsAnswers">
/// Whether the reference says what must come of each command. It does all work at once, so it cannot where entries leave some over; two
/// machines must agree all the same.
/// </param>
internal sealed class ModelRun(Layout layout, bool knowsAnswers = true)
{
    private const int PeekEvery = 7;

    private static readonly QueueName[] Names = [new("a"), new("b"), new("c")];
    private static readonly ConsumerId[] Ids = [.. Enumerable.Range(1, 4).Select(i => new ConsumerId(new Guid(i, 0, 0, new byte[8])))];

    private static readonly QueueOptions[] Options =
    [
        QueueOptions.Default,
        new() { DeadLetterQueue = Names[1], DeliveryLimit = 2, Lease = TimeSpan.FromMilliseconds(300) },
        new() { MaxMessages = 5, DeadLetterQueue = Names[2] },
        new() { MaxMessages = 5, Overflow = OverflowPolicy.DropOldest, DeadLetterQueue = Names[1] },
        new() { MaxBytes = 40, Overflow = OverflowPolicy.DropOldest, TimeToLive = TimeSpan.FromMilliseconds(700) },
        new() { TimeToLive = TimeSpan.FromMilliseconds(500), DeadLetterQueue = Names[0] },
        new() { SingleActiveConsumer = true, DeliveryLimit = 3 },
        new() { Delay = TimeSpan.FromMilliseconds(150), MaxBytes = 100, DeadLetterQueue = Names[2] },
    ];

    private readonly ReferenceQueues _reference = new();
    private readonly SnapshotStore _store = new();
    private readonly Dictionary<(QueueName, ProducerId), long> _numbers = [];
    private readonly Dictionary<(QueueName, ProducerId, long, int), Enqueue> _sent = [];
    private readonly Dictionary<QueueName, int> _generations = [];
    private readonly List<(QueueName Queue, ConsumerId Consumer, Lease Lease)> _seen = [];
    private readonly List<(long Now, ICommand Command, string Expected)> _done = [];
    private readonly QueueMachine _alone = new(layout);
    private QueueMachine _restored = new(layout);
    private long _now = 1_000_000;
    private int _body;

    /// <summary>What was done and what it should have given, for people.</summary>
    public IEnumerable<string> Transcript => _done.Select(step => $"at {step.Now}: {Show(step.Command)} -> {step.Expected}");

    /// <summary>Applies the steps and compares after each.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="snapshotEvery">How many steps lie between two captures of the second machine; every second of them is restored.</param>
    public void Play(IReadOnlyList<RandomStep> steps, int snapshotEvery)
    {
        for (var i = 0; i < Names.Length; i++)
            Compare(new DeclareQueue(Names[i], Options[steps.Count > i ? steps[i].C % Options.Length : 0]));
        for (var i = 0; i < steps.Count; i++)
        {
            if (i % snapshotEvery == snapshotEvery - 1)
                Snapshot(isRestored: i / snapshotEvery % 2 == 1);
            Compare(CommandOf(steps[i]));
        }
    }

    private void Snapshot(bool isRestored)
    {
        var manifest = _store.Take(_restored);
        if (isRestored)
            _restored = _store.Restore(manifest, layout);
    }

    private void Compare(ICommand command)
    {
        var index = _alone.AppliedIndex.Next;
        var outcome = _alone.Apply(index, new LogTime(_now), command);
        var expected = knowsAnswers ? Show(_reference.Apply(_now, command), _reference.Effects) : Show(_alone, outcome);
        _done.Add((_now, command, expected));
        Assert.Equal(expected, Show(_alone, outcome));
        Assert.Equal(expected, Show(_restored, _restored.Apply(index, new LogTime(_now), command)));
        if (knowsAnswers)
            CompareWithReference(index);
        Assert.Equal(_alone.Digest(), _restored.Digest());
        Assert.Equal(_alone.NextDue, _restored.NextDue);
        Remember(command, outcome);
    }

    private void CompareWithReference(LogIndex index)
    {
        var stats = ((QueueList)_alone.Query(new ListQueues(""))).Queues;
        if (!_reference.Stats().SequenceEqual(stats))
            Assert.Equal(_reference.Stats(), stats);
        if (index.Value % PeekEvery == 0)
            ComparePeeks();
        Assert.Null(_alone.FindUnserved());
        Assert.False(_alone.NextDue < new LogTime(_now), "What was due is done.");
    }

    private void ComparePeeks()
    {
        foreach (var name in Names.Where(name => _alone.Query(new GetQueueStats(name)) is QueueStats))
            Assert.Equal(_reference.Peek(name), Peek(_alone, name));
    }

    private void Remember(ICommand command, Outcome outcome)
    {
        if (command is Enqueue sent && outcome.Reply is Enqueued)
            _numbers[(sent.Queue, sent.Producer)] = Math.Max(_numbers.GetValueOrDefault((sent.Queue, sent.Producer)), sent.FirstSequence + sent.Messages.Count - 1);
        if (command is Enqueue { Queue: var missing } && outcome.Reply is Refused { Code: RefusalCode.UnknownQueue })
            _generations[missing] = _generations.GetValueOrDefault(missing) + 1;
        if (command is DeleteQueue deleted)
            _numbers.Keys.Where(key => key.Item1 == deleted.Queue).ToList().ForEach(key => _numbers.Remove(key));
        foreach (var effect in outcome.Effects)
        {
            if (effect is QueueEffect.Push push)
                _seen.AddRange(push.Leases.Select(lease => (push.Queue, push.Consumer, lease)));
            else if (effect is QueueEffect.Answer answer)
                _seen.AddRange(answer.Leases.Select(lease => (answer.Queue, answer.Consumer, lease)));
        }
    }

    private ICommand CommandOf(RandomStep step)
    {
        var (kind, a, b, c) = step;
        var queue = Names[a % Names.Length];
        switch (kind)
        {
            case < 30: return Enqueue(queue, a, b, c);
            case < 40:
                var lease = TimeSpan.FromMilliseconds(c % 5 == 0 ? 0 : 100 * (1 + (c % 4)));
                return new Subscribe(queue, Ids[b % Ids.Length], 1 + (c % 3), lease, c % 3 == 0 ? SeenToken(c) : 0);
            case < 46: return new Receive(queue, b % 7 == 0 ? Ids[b % Ids.Length] : new ConsumerId(new Guid(b % 40, 2, 0, new byte[8])), 1 + (c % 4), TimeSpan.FromMilliseconds(c % 3 * 120), TimeSpan.Zero);
            case < 72: return Settle(a, b, c);
            case < 76: return new Unsubscribe(queue, Ids[b % Ids.Length], c % 3 == 0 ? 0 : SeenToken(c));
            case < 80: return Extend(b, c);
            case < 92:
                _now += c % 200;
                return Tick.Instance;
            case < 93: return new PurgeQueue(queue);
            case < 95: return Redrive(queue, a, b, c);
            case < 96: return new DeleteQueue(queue);
            case < 99: return new DeclareQueue(queue, Options[c % Options.Length]);
            default:
                _now += (long)Bounds.ProducerMemory.TotalMilliseconds / 2;
                return Tick.Instance;
        }
    }

    private Enqueue Enqueue(QueueName queue, int a, int b, int c)
    {
        // Whoever sent to a queue that did not exist goes on under a new id; now and then an attempt comes late.
        var generation = Math.Max(0, _generations.GetValueOrDefault(queue) - (a % 17 == 0 ? 1 : 0));
        var sender = new ProducerId(new Guid(1 + (b % 2), 1, (short)generation, new byte[8]));
        var messages = Enumerable.Range(0, 1 + (c % 4)).Select(i => new Given.Text(
            $"m{++_body}",
            (b + i) % 3 == 0 ? $"g{(c + i) % 2}" : null,
            (b + i) % 11 == 0 ? TimeSpan.FromMilliseconds(50 * (c % 6)) : null,
            (b + i) % 13 == 0 ? TimeSpan.FromMilliseconds(40 * (c % 9)) : null));

        // Now and then a retry, or a gap.
        var first = _numbers.GetValueOrDefault((queue, sender)) + 1 + (a % 10 == 0 ? -(b % 4) : a % 37 == 0 ? 1 : 0);
        var command = new Enqueue(queue, sender, Math.Max(1, first), c % 2 == 0, Given.Block(messages));

        // A retry under the same boundaries repeats its command as it was.
        var key = (queue, sender, command.FirstSequence, command.Messages.Count);
        if (first <= _numbers.GetValueOrDefault((queue, sender)) && _sent.TryGetValue(key, out var before))
            return before;
        return _sent[key] = command;
    }

    private static Redrive Redrive(QueueName queue, int a, int b, int c) =>
        new(queue, new Guid(b % 12, 3, 0, new byte[8]), c % 2 == 0 ? null : Names[c % Names.Length], 1 + (c % 5))
        {
            Source = b % 3 == 0 ? Names[b % Names.Length] : null,
            FromSequence = a % 4 == 0 ? c % 20 : 0,
            ThroughSequence = a % 5 == 0 ? c % 40 : null,
        };

    private ICommand Settle(int a, int b, int c)
    {
        if (_seen.Count == 0)
            return Tick.Instance;

        // Mostly what was handed out lately; now and then something long gone.
        var at = b % 10 == 0 ? a % _seen.Count : Math.Max(0, _seen.Count - 1 - (a % 8));
        var (queue, consumer, _) = _seen[at];
        var chosen = _seen.Skip(at).Where(seen => seen.Queue == queue && seen.Consumer == consumer).Take(1 + (c % 3)).Select(seen =>
            new Settlement(KindOf(b + seen.Lease.Token), seen.Lease.Sequence, seen.Lease.Token, ""));
        return new Settle(queue, consumer, c % 4 == 0 ? 0 : _seen[at].Lease.Token, [.. chosen]);
    }

    private long SeenToken(int c) => _seen.Count == 0 ? 0 : _seen[Math.Max(0, _seen.Count - 1 - (c % 8))].Lease.Token;

    private static SettlementKind KindOf(long number) => (number % 7) switch
    {
        0 => SettlementKind.Release,
        1 => SettlementKind.Reject,
        2 => SettlementKind.Return,
        _ => SettlementKind.Ack,
    };

    private ICommand Extend(int b, int c)
    {
        if (_seen.Count == 0)
            return Tick.Instance;
        var (queue, consumer, lease) = _seen[Math.Max(0, _seen.Count - 1 - (b % 8))];
        return new Extend(queue, consumer, c % 2 == 0 ? [] : [lease.Token, lease.Token + 1], TimeSpan.FromMilliseconds(100 + c));
    }

    private static string Show(ICommand command) => command switch
    {
        Settle settle => $"{settle} [{string.Join(", ", settle.Settlements)}]",
        Contracts.Queue.Extend extend => $"{extend} [{string.Join(", ", extend.Tokens)}]",
        _ => command.ToString()!,
    };

    private static string Show(IReply? reply, IEnumerable<string> effects) => $"{Show(reply)}\n{string.Join('\n', effects)}";

    private static string Show(QueueMachine machine, Outcome outcome) => Show(outcome.Reply, outcome.Effects.Select(effect => effect switch
    {
        QueueEffect.Push push => $"push {push.Queue} {push.Consumer}: {Show(machine, push.Leases)}",
        QueueEffect.Answer answer => $"answer {answer.Queue} {answer.Consumer}: {Show(machine, answer.Leases)}",
        QueueEffect.EndSubscription end => $"end {end.Queue} {end.Consumer}",
        _ => throw new InvalidOperationException(effect.ToString()),
    }));

    private static string Show(QueueMachine machine, IReadOnlyList<Lease> leases) => string.Join(", ", leases.Select(lease =>
        $"{lease.Sequence} {new Bench(machine).Text(lease.Body)} token {lease.Token} count {lease.DeliveryCount} at {lease.EnqueuedAt.Milliseconds} until {lease.Until.Milliseconds} from {Show(lease.DeadLetter)}"));

    private static string Show(DeadLetter? letter) => letter is null
        ? ""
        : $"{letter.Source} {letter.SourceSequence} {letter.EnqueuedAt.Milliseconds} {letter.DeliveryCount} {letter.Cause} via {string.Join(' ', letter.Via)}";

    private static string Show(IReply? reply) => reply switch
    {
        null => "none",
        Refused refused => $"refused {refused.Code}",
        Enqueued enqueued => $"{enqueued with { Refusal = null }} {enqueued.Refusal?.Code} refused {Show(enqueued.RefusedMessages)}",
        Settled settled => $"settled {settled.Queue}, refused {Show(settled.Refused)}",
        Redriven redriven => $"redriven {redriven.Queue} {redriven.Moved} next {redriven.NextSequence}, skipped {string.Join(", ", redriven.Skipped)}",
        Extended extended => $"extended {extended.Queue} until {extended.Until}, refused {Show(extended.Refused)}",
        _ => reply.ToString()!,
    };

    private static string Show(IEnumerable<SettlementRefused> refused) => string.Join(", ", refused.Select(one => $"{one.Sequence} {one.Token} {one.Refusal.Code}"));

    private static string Show(IEnumerable<MessageRefused> refused) => string.Join(", ", refused.Select(one => $"{one.Position} {one.Refusal.Code}"));

    private static IEnumerable<string> Peek(QueueMachine machine, QueueName name)
    {
        var bench = new Bench(machine);
        var pages = bench.PeekPages(name).ToList();
        var notes = pages.SelectMany(page => page.DeadLetters).ToDictionary(
            letter => letter.Sequence, Show);
        return pages.SelectMany(page => page.Deliveries.ToList()).Zip(bench.PeekTexts(name), (delivery, text) =>
            $"{delivery.Sequence} {text} token {delivery.Token} count {delivery.DeliveryCount} at {delivery.EnqueuedAt.Milliseconds} from {notes.GetValueOrDefault(delivery.Sequence)}");
    }
}
