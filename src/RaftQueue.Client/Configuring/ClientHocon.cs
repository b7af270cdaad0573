using Akka.Configuration;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Producing;

namespace RaftQueue.Client.Configuring;

/// <summary>Options from HOCON, with every key checked against reference.conf.</summary>
internal static class ClientHocon
{
    private const string Section = "raftqueue.client";

    public static Config Reference { get; } = LoadReference();

    public static RaftQueueClientOptions Read(Config hocon)
    {
        HoconKeys.RefuseUnknown(hocon, Reference, Section);
        var values = new HoconValues(hocon.WithFallback(Reference), Section);
        var lease = values.TimeSpan("consumer.lease");
        var options = new RaftQueueClientOptions
        {
            SystemName = values.Text("system-name"),
            Hostname = values.Text("hostname"),
            ConnectTimeout = values.TimeSpan("connect-timeout"),
            RequestTimeout = values.TimeSpan("request-timeout"),
            AttemptTimeout = values.TimeSpan("attempt-timeout"),
            MinRetryBackoff = values.TimeSpan("retry-backoff.min"),
            MaxRetryBackoff = values.TimeSpan("retry-backoff.max"),
            KeepAliveInterval = values.TimeSpan("keep-alive-interval"),
            MaxFrameBytes = values.Bytes("max-frame-bytes"),
            Producer = new ProducerOptions
            {
                MaxInFlight = values.Number("producer.max-in-flight"),
                MaxFramesInFlight = values.Number("producer.max-frames-in-flight"),
                MaxFrameBytes = values.Bytes("producer.max-frame-bytes"),
            },
            Consumer = new ConsumerOptions
            {
                Prefetch = values.Number("consumer.prefetch"),
                Lease = lease == TimeSpan.Zero ? null : lease,
                AutoExtend = values.Flag("consumer.auto-extend"),
                MaxAutoExtension = values.TimeSpan("consumer.max-auto-extension"),
            },
            SystemConfig = hocon,
        };
        foreach (var node in values.Texts("nodes"))
            options.Nodes.Add(node);
        return options;
    }

    private static Config LoadReference()
    {
        using var stream = typeof(ClientHocon).Assembly.GetManifestResourceStream("RaftQueue.Client.reference.conf")
            ?? throw new InvalidOperationException("RaftQueue.Client was built without its reference.conf.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
