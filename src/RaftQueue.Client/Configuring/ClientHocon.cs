using Akka.Configuration;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Client.Configuring;

/// <summary>Options from HOCON, with every key checked against reference.conf.</summary>
internal static class ClientHocon
{
    private const string Section = "raftqueue.client";

    public static Config Reference { get; } = ConfigurationFactory.FromResource<RaftQueueClient>("RaftQueue.Client.reference.conf");

    public static RaftQueueClientOptions Read(Config hocon)
    {
        AkkaKeys.Check(hocon, SocketTransport.Default.WithFallback(AkkaKeys.OfRemoting));
        KnownKeys.CheckNames(hocon, "raftqueue", "client", "tls");
        var keys = SettingsReader.Open(hocon, Reference, Section);
        var lease = keys.DurationOrZero("consumer.lease");
        var options = new RaftQueueClientOptions
        {
            SystemName = keys.Text("system-name"),
            Hostname = keys.Text("hostname"),
            ConnectTimeout = keys.Duration("connect-timeout"),
            WaitForNodes = keys.Flag("wait-for-nodes"),
            RequestTimeout = keys.Duration("request-timeout"),
            CloseTimeout = keys.Duration("close-timeout"),
            AttemptTimeout = keys.Duration("attempt-timeout"),
            MinRetryBackoff = keys.Duration("retry-backoff.min"),
            MaxRetryBackoff = keys.Duration("retry-backoff.max"),
            KeepAliveInterval = keys.Duration("keep-alive-interval"),
            MaxFrameBytes = (int)keys.Bytes("max-frame-bytes", 1, int.MaxValue),
            Producer = new ProducerOptions
            {
                MaxInFlight = keys.Whole("producer.max-in-flight", 1, int.MaxValue),
                MaxFramesInFlight = keys.Whole("producer.max-frames-in-flight", 1, int.MaxValue),
                MaxFrameBytes = (int)keys.Bytes("producer.max-frame-bytes", 1, int.MaxValue),
            },
            Consumer = new ConsumerOptions
            {
                Prefetch = keys.Whole("consumer.prefetch", 1, int.MaxValue),
                Lease = lease == TimeSpan.Zero ? null : lease,
                AutoExtend = keys.Flag("consumer.auto-extend"),
                MaxAutoExtension = keys.DurationOrZero("consumer.max-auto-extension"),
            },
            SystemConfig = hocon,
        };
        foreach (var node in keys.Texts("nodes"))
            options.Nodes.Add(node);
        return options;
    }
}
