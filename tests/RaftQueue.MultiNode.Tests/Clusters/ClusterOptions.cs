namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>How the nodes of a cluster under test differ from the defaults.</summary>
internal sealed record ClusterOptions
{
    public static readonly ClusterOptions Default = new();

    /// <summary>For claims that there is no needless election: one that a pause of a busy machine does not bring about.</summary>
    public static readonly ClusterOptions Calm = new() { ElectionTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>The shortest election timeout; the longest is half as long again.</summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How many Raft groups.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>A snapshot is due after so many entries.</summary>
    public int SnapshotEntries { get; init; } = 50_000;

    /// <summary>How many bytes of full, stored segments stay in memory.</summary>
    public string SegmentCache { get; init; } = "64 MiB";

    /// <summary>How much of the log stays behind a snapshot.</summary>
    public string KeptLog { get; init; } = "8 MiB";

    /// <summary>Whether links between nodes can be cut (<see cref="Links"/>); Akka's throttle then stands in each of them.</summary>
    public bool CanCutLinks { get; init; }

    /// <summary>The folder of the certificates, where connections are TLS.</summary>
    public string? Certificates { get; init; }

    /// <summary>Any other setting, as HOCON.</summary>
    public string Hocon { get; init; } = "";

    /// <summary>The name of the transport in addresses.</summary>
    public string Protocol => CanCutLinks ? "akka.trttl.tcp" : Certificates is null ? "akka.tcp" : "akka.ssl.tcp";

    /// <summary>What each end of a link needs for it to be cut, or to be TLS.</summary>
    public string Transport => CanCutLinks ? """akka.remote.dot-netty.tcp.applied-adapters = ["trttl"]"""
        : Certificates is null ? ""
        : $$"""raftqueue.tls { enabled = on, directory = "{{Certificates}}" }""";
}
