using RaftQueue.Chaos.Cluster;

namespace RaftQueue.MultiNode.Tests.Chaos;

/// <summary>Tests with real server processes: each needs the machine for itself.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealServers
{
    public const string Name = "real servers";

    public static readonly Capabilities Here = Capabilities.Probe();
}

/// <summary>A test that needs a disk that can be filled.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = RealServers.Here.WhyNoTmpfs;
}
