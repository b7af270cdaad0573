using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Clients;

/// <summary>A queue of which much is asked at once: delays, times to live, groups, bounds, a delivery limit and a dead-letter queue.</summary>
public static class DemandingQueue
{
    /// <summary>Its name, and that of its dead-letter queue.</summary>
    public static readonly QueueName Name = new("parcels"), DeadLetters = new("returns");

    private static readonly string[] Groups = ["anna", "berta", "clara"];

    /// <summary>Its options in one schedule.</summary>
    public static QueueOptions DrawOptions(SeededRandom random)
    {
        var options = DrawBounds(random);
        var isBounded = options.MaxMessages > 0 || options.MaxBytes > 0;
        return isBounded && random.Chance(0.5) ? options with { Overflow = OverflowPolicy.DropOldest } : options;
    }

    /// <summary>One message: some are held back, some expire, some belong to a group.</summary>
    public static void Write(System.Buffers.IBufferWriter<byte> output, ReadOnlySpan<byte> body, SeededRandom random)
    {
        TimeSpan? delay = random.Chance(0.25) ? TimeSpan.FromMilliseconds(random.Between(0, 300)) : null;
        TimeSpan? timeToLive = random.Chance(0.2) ? TimeSpan.FromMilliseconds(random.Between(100, 2_000)) : null;
        MessageView.Write(output, delay, timeToLive, random.Chance(0.5) ? random.Pick(Groups) : null, [], body);
    }

    private static QueueOptions DrawBounds(SeededRandom random) => new()
    {
        DeadLetterQueue = DeadLetters,
        DeliveryLimit = random.Pick([0, 1, 3]),
        MaxMessages = random.Pick([0, 6, 30]),
        MaxBytes = random.Pick([0, 600]),
        TimeToLive = random.Pick([0, 0, 900]) is > 0 and var kept ? TimeSpan.FromMilliseconds(kept) : null,
        Delay = TimeSpan.FromMilliseconds(random.Pick([0, 0, 60])),
        SingleActiveConsumer = random.Chance(0.2),
    };
}
