using System.Text;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Node.Tests.Client;

/// <summary>
/// The replies of a queue that everything goes well with: it numbers messages, knows retries again, refuses gaps, and settles whatever it
/// is asked to.
/// </summary>
internal sealed class FakeQueue
{
    private readonly Dictionary<(ProducerId, long), Enqueued> _answers = [];
    private readonly Dictionary<ProducerId, long> _expected = [];

    /// <summary>The bodies that are stored, as text.</summary>
    public List<string> Stored { get; } = [];

    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    public IReply? Answer(object request) => request switch
    {
        Enqueue enqueue => Store(enqueue),
        DeclareQueue declare => new Declared(declare.Queue, true),
        Subscribe subscribe => new Subscribed(subscribe.Queue, subscribe.Consumer),
        Unsubscribe unsubscribe => new Unsubscribed(unsubscribe.Queue, unsubscribe.Consumer, 0),
        Settle settle => new Settled(settle.Queue, []),
        Extend extend => new Extended(extend.Queue, LogTime.From(DateTimeOffset.UtcNow + extend.Lease), []),
        GetQueueStats stats => StatsOf(stats.Queue),
        _ => null,
    };

    public QueueStats StatsOf(QueueName queue) => new(queue, QueueOptions.Default with { Lease = Lease }, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0);

    public static Delivery DeliveryOf(long sequence, long token, string text, MessageProperties? properties = null) => new(
        sequence, token, 1, LogTime.From(DateTimeOffset.UtcNow), LogTime.From(DateTimeOffset.UtcNow.AddMinutes(1)),
        MessagePacker.Pack(properties ?? MessageProperties.None, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text)));

    public static Deliver Push(Subscribe to, params Delivery[] deliveries) => new(to.Queue, to.Consumer, DeliveryBlock.Of(deliveries));

    public static List<string> TextsOf(Enqueue enqueue)
    {
        var texts = new List<string>();
        foreach (var message in enqueue.Messages)
            texts.Add(Encoding.UTF8.GetString(message.Body.Span));
        return texts;
    }

    private IReply Store(Enqueue enqueue)
    {
        if (_answers.TryGetValue((enqueue.Producer, enqueue.FirstSequence), out var before))
            return before;
        if (_expected.GetValueOrDefault(enqueue.Producer, 1) != enqueue.FirstSequence)
            return new Refused(RefusalCode.SequenceGap, $"expected {_expected.GetValueOrDefault(enqueue.Producer, 1)}, got {enqueue.FirstSequence}");
        var answer = new Enqueued(enqueue.Queue, enqueue.FirstSequence, Stored.Count + 1, enqueue.Messages.Count, null);
        Stored.AddRange(TextsOf(enqueue));
        _expected[enqueue.Producer] = enqueue.FirstSequence + enqueue.Messages.Count;
        return _answers[(enqueue.Producer, enqueue.FirstSequence)] = answer;
    }
}
