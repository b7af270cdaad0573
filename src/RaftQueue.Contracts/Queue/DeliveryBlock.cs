using System.Buffers;
using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>One delivery of a message to a consumer.</summary>
/// <param name="Sequence">The message's place in its queue, from 1, for ever its own.</param>
/// <param name="Token">
/// The fencing token of the lease: it rises with every lease of a queue of that name, so a later holder always shows a larger one.
/// </param>
/// <param name="DeliveryCount">How many deliveries of this message were started before, plus this one: 1 at first.</param>
/// <param name="EnqueuedAt">When it was enqueued, in log time.</param>
/// <param name="LeaseUntil">When the lease ends, in log time.</param>
/// <param name="Message">The message as it was sent.</param>
public readonly record struct Delivery(
    long Sequence, long Token, int DeliveryCount, LogTime EnqueuedAt, LogTime LeaseUntil, ReadOnlyMemory<byte> Message)
{
    /// <summary>Of a dead letter: which queue it came from, and why. It travels beside the packed deliveries.</summary>
    public DeadLetter? DeadLetter { get; init; }
}

/// <summary>Deliveries packed one behind the other, as they travel to a consumer.</summary>
/// <param name="Bytes">The packed deliveries.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct DeliveryBlock(ReadOnlyMemory<byte> Bytes, int Count)
{
    /// <summary>No deliveries.</summary>
    public static readonly DeliveryBlock Empty = new(ReadOnlyMemory<byte>.Empty, 0);

    /// <summary>Appends a delivery in packed form.</summary>
    public static void Write(IBufferWriter<byte> output, in Delivery delivery)
    {
        Varint.Write(output, (ulong)delivery.Sequence);
        Varint.Write(output, (ulong)delivery.Token);
        Varint.Write(output, (ulong)delivery.DeliveryCount);
        Varint.Write(output, (ulong)delivery.EnqueuedAt.Milliseconds);
        Varint.Write(output, (ulong)delivery.LeaseUntil.Milliseconds);
        Varint.WriteBytes(output, delivery.Message.Span);
    }

    /// <summary>Packs deliveries.</summary>
    public static DeliveryBlock Of(IReadOnlyCollection<Delivery> deliveries)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(64, deliveries.Sum(delivery => delivery.Message.Length + 48)));
        foreach (var delivery in deliveries)
            Write(output, delivery);
        return new DeliveryBlock(output.WrittenMemory, deliveries.Count);
    }

    /// <summary>What is known of those deliveries that are dead letters.</summary>
    public static ImmutableArray<DeadLetter> DeadLettersOf(IEnumerable<Delivery> deliveries) =>
        [.. deliveries.Select(delivery => delivery.DeadLetter).OfType<DeadLetter>()];

    /// <summary>Unpacks the deliveries, with what is known of dead letters among them; their messages are slices of the block.</summary>
    /// <exception cref="FormatException">The block is damaged.</exception>
    public IReadOnlyList<Delivery> ToList(ImmutableArray<DeadLetter> deadLetters)
    {
        if (deadLetters.IsEmpty)
            return ToList();
        var bySequence = deadLetters.ToLookup(letter => letter.Sequence);
        return [.. ToList().Select(delivery => delivery with { DeadLetter = bySequence[delivery.Sequence].FirstOrDefault() })];
    }

    /// <summary>Unpacks the deliveries; their messages are slices of the block.</summary>
    /// <exception cref="FormatException">The block is damaged.</exception>
    public IReadOnlyList<Delivery> ToList()
    {
        var reader = new Varint.Reader(Bytes);
        var deliveries = new List<Delivery>(Math.Min(Count, Bounds.MaxPrefetch));
        for (var i = 0; i < Count; i++)
        {
            if (!reader.TryRead(out var sequence) || !reader.TryRead(out var token) || !reader.TryRead(out var deliveryCount)
                || !reader.TryRead(out var enqueuedAt) || !reader.TryRead(out var leaseUntil) || !reader.TryReadBytes(out var message))
                throw new FormatException($"A delivery block is damaged at delivery {i + 1} of {Count}.");
            deliveries.Add(new Delivery(
                (long)sequence, (long)token, (int)deliveryCount, new LogTime((long)enqueuedAt), new LogTime((long)leaseUntil), message));
        }

        if (reader.Position != Bytes.Length)
            throw new FormatException($"A delivery block has {Bytes.Length - reader.Position} bytes behind its {Count} deliveries.");
        return deliveries;
    }
}
