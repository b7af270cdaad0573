using System.Collections;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>What a caller can give that is malformed: each is refused before anything is sent, by an error that names it.</summary>
[Trait("Category", "Fault")]
public sealed class MalformedArgumentTests
{
    private const string HalfAPair = "a\ud800b";

    public static TheoryData<string, MessageProperties> Properties => new()
    {
        { "Headers is null", new MessageProperties { Headers = null! } },
        { "the header \"tenant\" is null", new MessageProperties { Headers = new Dictionary<string, string> { ["tenant"] = null! } } },
        { "whose name is null", new MessageProperties { Headers = new Pairs((null!, "1")) } },
        { "the name \"tenant\" twice", new MessageProperties { Headers = new Pairs(("tenant", "1"), ("tenant", "2")) } },
        { "The value of the header \"tenant\"", new MessageProperties { Headers = new Dictionary<string, string> { ["tenant"] = HalfAPair } } },
        { "The name of the header", new MessageProperties { Headers = new Dictionary<string, string> { [HalfAPair] = "1" } } },
        { "MessageId", new MessageProperties { MessageId = HalfAPair } },
        { "CorrelationId", new MessageProperties { CorrelationId = HalfAPair } },
        { "ContentType", new MessageProperties { ContentType = HalfAPair } },
        { "GroupKey", new MessageProperties { GroupKey = HalfAPair } },
    };

    public static TheoryData<string, Action<RaftQueueClientOptions>> Options => new()
    {
        { "Nodes[1] is null", options => options.Nodes.Add(null!) },
        { "Nodes[1] is empty", options => options.Nodes.Add(" ") },
        { "''", options => options.SystemName = "" },
        { "'raft queue'", options => options.SystemName = "raft queue" },
        { "'a \"host\"'", options => options.Hostname = "a \"host\"" },
        { "ConnectTimeout", options => options.ConnectTimeout = TimeSpan.FromSeconds(-1) },
        { "RequestTimeout", options => options.RequestTimeout = TimeSpan.MaxValue },
        { "AttemptTimeout", options => options.AttemptTimeout = TimeSpan.Zero },
        { "MaxRetryBackoff", options => options.MaxRetryBackoff = TimeSpan.FromTicks(1) },
        { "KeepAliveInterval", options => options.KeepAliveInterval = Timeout.InfiniteTimeSpan },
        { "MaxFrameBytes", options => options.MaxFrameBytes = -1 },
        { "MaxInFlight", options => options.Producer = new ProducerOptions { MaxInFlight = 0 } },
        { "SendTimeout", options => options.Producer = new ProducerOptions { SendTimeout = TimeSpan.MinValue } },
        { "Prefetch", options => options.Consumer = new ConsumerOptions { Prefetch = int.MaxValue } },
        { "Lease", options => options.Consumer = new ConsumerOptions { Lease = TimeSpan.Zero } },
        { "MaxAutoExtension", options => options.Consumer = new ConsumerOptions { MaxAutoExtension = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(Properties))]
    public async Task F12_A_malformed_property_of_a_message_is_named(string named, MessageProperties properties)
    {
        await using var node = FakeNode.Leading(new FakeQueue().Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        foreach (var send in new Func<Task>[] { () => producer.SendAsync("a", properties), () => producer.SendBatchAsync(["a"], properties) })
        {
            var problem = await Assert.ThrowsAnyAsync<ArgumentException>(send);
            Assert.Contains(named, problem.Message, StringComparison.Ordinal);
            Assert.Equal("properties", problem.ParamName);
        }

        Assert.Empty(node.HeardCommands<Enqueue>());
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task F12_A_malformed_option_is_named(string named, Action<RaftQueueClientOptions> spoil)
    {
        var options = new RaftQueueClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(1) };
        options.Nodes.Add("127.0.0.1:1");
        spoil(options);

        var problem = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await RaftQueueClient.ConnectAsync(options).InTime());

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F12_A_payload_that_is_missing_in_a_batch_is_named_by_its_place()
    {
        await using var node = FakeNode.Leading(new FakeQueue().Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        var problem = await Assert.ThrowsAsync<ArgumentNullException>(() => producer.SendBatchAsync(["a", null!, "c"]));

        Assert.Equal("payloads[1]", problem.ParamName);
    }

    [Fact]
    public async Task F12_A_batch_that_is_not_as_long_as_it_says_is_refused()
    {
        await using var node = FakeNode.Leading(new FakeQueue().Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        Assert.Equal("payloads", (await Assert.ThrowsAsync<ArgumentException>(() => producer.SendBatchAsync(new Liar("a")))).ParamName);
    }

    [Fact]
    public async Task F12_Options_of_a_queue_that_do_not_exist_are_refused()
    {
        await using var node = FakeNode.Leading(new FakeQueue().Answer);
        await using var client = await Clients.ConnectAsync(node);

        var overflow = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.DeclareQueueAsync("orders", new QueueOptions { Overflow = (OverflowPolicy)9 }));
        Assert.Contains("RejectNew, DropOldest", overflow.Message, StringComparison.Ordinal);
        var nameless = await Assert.ThrowsAsync<ArgumentNullException>(() => client.DeclareQueueAsync("orders", new QueueOptions { DeadLetterQueue = default(QueueName) }));
        Assert.Equal("DeadLetterQueue", nameless.ParamName);
        Assert.Empty(node.HeardCommands<DeclareQueue>());
    }

    [Fact]
    public void F12_A_serializer_without_a_content_type_is_refused_when_it_is_registered() =>
        Assert.Equal("serializer", Assert.Throws<ArgumentException>(() => new PayloadRegistry().UseSerializer(new Nameless())).ParamName);

    private sealed class Nameless : IPayloadSerializer<int>
    {
        public string ContentType => null!;

        public ReadOnlyMemory<byte> Serialize(int payload) => default;

        public int Deserialize(ReadOnlyMemory<byte> bytes, string? contentType) => 0;
    }

    /// <summary>A dictionary that keeps to no rules.</summary>
    private sealed class Pairs(params (string Name, string Value)[] pairs) : IReadOnlyDictionary<string, string>
    {
        public int Count => pairs.Length;

        public IEnumerable<string> Keys => pairs.Select(pair => pair.Name);

        public IEnumerable<string> Values => pairs.Select(pair => pair.Value);

        public string this[string key] => pairs.First(pair => pair.Name == key).Value;

        public bool ContainsKey(string key) => pairs.Any(pair => pair.Name == key);

        public bool TryGetValue(string key, out string value)
        {
            value = pairs.FirstOrDefault(pair => pair.Name == key).Value;
            return value is not null;
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Liar(params string[] payloads) : IReadOnlyCollection<string>
    {
        public int Count => payloads.Length + 1;

        public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)payloads).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
