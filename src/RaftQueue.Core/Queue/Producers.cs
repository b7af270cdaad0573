using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>What became of one enqueue command.</summary>
/// <param name="FirstSequence">The producer's number of its first message.</param>
/// <param name="Count">How many messages it had.</param>
/// <param name="FirstMessage">The queue's sequence of the first stored one.</param>
/// <param name="Stored">How many were stored; fewer only where the queue became full, or messages were refused.</param>
internal readonly record struct RememberedCommand(long FirstSequence, int Count, long FirstMessage, int Stored);

/// <summary>A producer of one queue, as far as it is needed to store its retries only once.</summary>
internal sealed class Producer
{
    private readonly Queue<RememberedCommand> _commands = new();

    public Producer(QueueState queue, ProducerId id)
    {
        (Queue, Id) = (queue, id);
        Node = new LinkedListNode<Producer>(this);
    }

    public QueueState Queue { get; }

    public ProducerId Id { get; }

    /// <summary>The highest number used.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The entry of its latest command: no two producers have the same, so it orders them by silence.</summary>
    public long LastHeardIndex { get; set; }

    public long LastHeardTime { get; set; }

    /// <summary>Its place among all producers, by silence.</summary>
    public LinkedListNode<Producer> Node { get; }

    /// <summary>The latest commands, oldest first.</summary>
    public IReadOnlyCollection<RememberedCommand> Commands => _commands;

    public void Remember(RememberedCommand command)
    {
        if (_commands.Count == Bounds.MaxRememberedCommandsPerProducer)
            _commands.Dequeue();
        _commands.Enqueue(command);
        LastSequence = command.FirstSequence + command.Count - 1;
    }

    /// <summary>What became of a command; null when none with these numbers is remembered.</summary>
    public RememberedCommand? Recall(long firstSequence, int count)
    {
        foreach (var command in _commands)
        {
            if (command.FirstSequence == firstSequence && command.Count == count)
                return command;
        }

        return null;
    }

    /// <summary>Whether a number is older than everything that is remembered.</summary>
    public bool IsForgotten(long sequence) => _commands.Count == 0 || sequence < _commands.Peek().FirstSequence;
}

/// <summary>
/// All producers of the machine, at most <see cref="Bounds.MaxProducers"/>, in the order of their silence. A producer is known per queue: the same id in two
/// queues is two producers. One that was forgotten may not go on with its numbers; it starts anew under a new id. For snapshots they lie in buckets by
/// their id, so that one that speaks costs one small piece and not the whole table.
/// </summary>
internal sealed class Producers
{
    /// <summary>How many buckets there are; part of the snapshot format.</summary>
    public const int BucketCount = 256;

    private readonly LinkedList<Producer> _bySilence = new();
    private readonly ProducerBucket[] _buckets = [.. Enumerable.Range(0, BucketCount).Select(number => new ProducerBucket(number))];

    public IReadOnlyList<ProducerBucket> Buckets => _buckets;

    public int Count => _bySilence.Count;

    public Producer Add(QueueState queue, ProducerId id)
    {
        if (_bySilence.Count == Bounds.MaxProducers)
            Forget(_bySilence.First!.Value);
        var producer = new Producer(queue, id);
        Attach(producer);
        return producer;
    }

    public void Attach(Producer producer)
    {
        producer.Queue.Producers.Add(producer.Id, producer);
        _bySilence.AddLast(producer.Node);
        BucketOf(producer).Add(producer);
    }

    public void Heard(Producer producer, long index, long now)
    {
        (producer.LastHeardIndex, producer.LastHeardTime) = (index, now);
        _bySilence.Remove(producer.Node);
        _bySilence.AddLast(producer.Node);
        BucketOf(producer).Touch();
    }

    public void Forget(Producer producer)
    {
        producer.Queue.Producers.Remove(producer.Id);
        _bySilence.Remove(producer.Node);
        BucketOf(producer).Remove(producer);
    }

    /// <summary>Forgets those that have been silent for <see cref="Bounds.ProducerMemory"/>.</summary>
    public void ForgetSilent(long now, ref int workLeft)
    {
        while (workLeft > 0 && _bySilence.First?.Value is { } producer && producer.LastHeardTime + LogTime.MillisecondsOf(Bounds.ProducerMemory) <= now)
        {
            workLeft--;
            Forget(producer);
        }
    }

    private ProducerBucket BucketOf(Producer producer)
    {
        Span<byte> bytes = stackalloc byte[16];
        producer.Id.Value.TryWriteBytes(bytes);
        return _buckets[bytes[15]];
    }
}

/// <summary>Producers that are snapshotted together.</summary>
internal sealed class ProducerBucket(int number)
{
    private readonly HashSet<Producer> _members = [];

    public int Number { get; } = number;

    public bool IsEmpty => _members.Count == 0;

    /// <summary>In an order that is the same on every replica.</summary>
    public IEnumerable<Producer> InOrder => _members.OrderBy(producer => producer.LastHeardIndex);

    /// <inheritdoc cref="Page.Captured"/>
    public PieceRecord? Captured { get; set; }

    /// <inheritdoc cref="Page.Hash"/>
    public byte[]? Hash { get; set; }

    public void Touch() => (Captured, Hash) = (null, null);

    public void Add(Producer producer)
    {
        _members.Add(producer);
        Touch();
    }

    public void Remove(Producer producer)
    {
        _members.Remove(producer);
        Touch();
    }
}
