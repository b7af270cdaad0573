using Akka.Configuration;
using RaftQueue.Client.Configuring;
using RaftQueue.Client.Connection;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Client;

/// <summary>How a client connects. The defaults are those of the client's <c>reference.conf</c>, which gives the reasons.</summary>
public sealed class RaftQueueClientOptions
{
    /// <summary>
    /// Nodes of the cluster, as "host:port" or full Akka addresses; the client learns of the others by itself. At least one. What is
    /// assigned is copied.
    /// </summary>
    /// <exception cref="ArgumentNullException">What is assigned is null.</exception>
    public IList<string> Nodes
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Nodes));
            field = [.. value];
        }
    } = [];

    /// <summary>
    /// The name of the nodes' actor system, for entries of <see cref="Nodes"/> that are only "host:port". Default "raftqueue".
    /// </summary>
    public string SystemName { get; set; } = "raftqueue";

    /// <summary>
    /// The address of this machine under which nodes reach the client. Default 127.0.0.1. Not used in a joined actor system.
    /// </summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>How long connecting may take until a first node has answered. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether connecting waits for nodes that are not there yet, as long as <see cref="ConnectTimeout"/>: for a client that is started
    /// together with them. Without
    /// it connecting fails at once when all of them refuse the connection, or are unknown or unreachable. Default false.
    /// </summary>
    public bool WaitForNodes { get; set; }

    /// <summary>How long a request may take with all its retries. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the disposal of a consumer waits for what is being settled and for the end of its subscription. That answer is not needed:
    /// a
    /// consumer that could not say goodbye is given up by the cluster. Default 2 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one attempt waits before another node is asked. Default 2 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The first pause between attempts; it doubles. Default 20 ms.</summary>
    public TimeSpan MinRetryBackoff { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest pause between attempts. Default 1 s.</summary>
    public TimeSpan MaxRetryBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often leaders hear that the consumers of this client are alive. Default 1 s.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The largest frame of the client's own actor system, in bytes; as on the nodes. Default 1 MiB. Not used in a joined actor system.
    /// </summary>
    public int MaxFrameBytes { get; set; } = 1024 * 1024;

    /// <summary>The options of producers that are created without any.</summary>
    public ProducerOptions Producer { get; set; } = new();

    /// <summary>The options of consumers that are created without any.</summary>
    public ConsumerOptions Consumer { get; set; } = new();

    /// <summary>Which types can be payloads.</summary>
    public PayloadRegistry Payloads { get; } = new();

    /// <summary>Further configuration of the client's own actor system, such as TLS. Not used in a joined actor system.</summary>
    public Config SystemConfig { get; set; } = Config.Empty;

    /// <summary>
    /// Options from the section <c>raftqueue.client</c> of a configuration; the rest of it becomes <see cref="SystemConfig"/>.
    /// </summary>
    /// <param name="hocon">The configuration.</param>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown, or a value of the wrong type; the error names its path.</exception>
    public static RaftQueueClientOptions From(Config hocon)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        return ClientHocon.Read(hocon);
    }

    /// <inheritdoc cref="PayloadRegistry.RegisterType{T}(string)"/>
    public RaftQueueClientOptions RegisterType<T>(string name)
    {
        Payloads.RegisterType<T>(name);
        return this;
    }

    /// <inheritdoc cref="PayloadRegistry.UseSerializer{T}(IPayloadSerializer{T})"/>
    public RaftQueueClientOptions UseSerializer<T>(IPayloadSerializer<T> serializer)
    {
        Payloads.UseSerializer(serializer);
        return this;
    }

    internal void Check()
    {
        CheckTexts();
        if (Nodes.Count == 0)
            throw new ArgumentException("No node is given: set raftqueue.client.nodes or options.Nodes to at least one \"host:port\".");
        Range.CheckPositive(nameof(ConnectTimeout), ConnectTimeout);
        Range.CheckPositive(nameof(RequestTimeout), RequestTimeout);
        Range.CheckPositive(nameof(CloseTimeout), CloseTimeout);
        Range.CheckPositive(nameof(AttemptTimeout), AttemptTimeout);
        Range.CheckPositive(nameof(MinRetryBackoff), MinRetryBackoff);
        Range.Check(nameof(MaxRetryBackoff), MaxRetryBackoff, MinRetryBackoff, TimeSpan.FromHours(1));
        Range.CheckPositive(nameof(KeepAliveInterval), KeepAliveInterval);
        Range.Check(nameof(MaxFrameBytes), MaxFrameBytes, Bounds.MinFrameBytes, 128 * 1024 * 1024);
        Producer.Check();
        Consumer.Check();
    }

    private void CheckTexts()
    {
        ArgumentNullException.ThrowIfNull(SystemName);
        ArgumentNullException.ThrowIfNull(Hostname);
        ArgumentNullException.ThrowIfNull(SystemConfig);
        ArgumentNullException.ThrowIfNull(Producer);
        ArgumentNullException.ThrowIfNull(Consumer);
        if (SystemName.Length == 0 || !SystemName.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
            throw new ArgumentException($"'{SystemName}' is no name of an actor system: characters of a-z A-Z 0-9 - _ are.", nameof(SystemName));
        if (HostName.ProblemOf(Hostname) is { } problem)
            throw new ArgumentException($"'{Hostname}' is neither a host name nor an IP address: {problem}.", nameof(Hostname));
        if (HostName.IsWildcard(Hostname) && !SystemConfig.HasPath($"{TransportSettings.Section}.public-hostname"))
            throw new ArgumentException($"'{Hostname}' stands for every address of this machine; set the one at which nodes reach it.", nameof(Hostname));
        for (var i = 0; i < Nodes.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(Nodes[i]))
            {
                var what = Nodes[i] is null ? "null" : "empty";
                throw new ArgumentException($"Nodes[{i}] is {what}; it must be \"host:port\" or an Akka address.", nameof(Nodes));
            }
        }
    }

    internal Backoff Backoff => new(MinRetryBackoff, MaxRetryBackoff);
}
