using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftQueue.Benchmarks.Load;

/// <summary>What a run gave. What a workload or a system cannot tell is null and left out.</summary>
public sealed record LoadReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The product.</summary>
    public required string System { get; init; }

    /// <summary>The sizes of the run.</summary>
    public required LoadOptions Options { get; init; }

    /// <summary>Messages a second.</summary>
    public double MessagesPerSecond { get; init; }

    /// <summary>From sending to confirmation.</summary>
    public LatencyReport? Confirm { get; init; }

    /// <summary>From sending to delivery.</summary>
    public LatencyReport? EndToEnd { get; init; }

    /// <summary>CPU seconds of all servers for a million messages; a killed one is left out.</summary>
    public double? ServerCpuPerMillion { get; init; }

    /// <summary>The same, by node.</summary>
    public IReadOnlyList<double?> NodeCpuPerMillion { get; init; } = [];

    /// <summary>CPU seconds of this program for a million messages.</summary>
    public double ClientCpuPerMillion { get; init; }

    /// <summary>The most memory of all servers together, in MiB.</summary>
    [JsonPropertyName("peak_mib")]
    public double? PeakMiB { get; init; }

    /// <summary>The most memory of one server, in MiB.</summary>
    [JsonPropertyName("peak_node_mib")]
    public double? PeakNodeMiB { get; init; }

    /// <summary>Journal writes of all nodes for one message; each is one sync.</summary>
    public double? SyncsPerMessage { get; init; }

    /// <summary>Messages in one write of the node that wrote most.</summary>
    public double? AverageBatch { get; init; }

    /// <summary>Failover: the longest time without a confirmation, in milliseconds.</summary>
    public double? ConfirmGapMs { get; init; }

    /// <summary>Failover: the longest time without a delivery, in milliseconds.</summary>
    public double? DeliveryGapMs { get; init; }

    /// <summary>Failover: confirmed, but never delivered.</summary>
    public int? Lost { get; init; }

    /// <summary>Failover: sent, and no confirmation within 45 s.</summary>
    public int? Unconfirmed { get; init; }

    /// <summary>Deliveries beyond the first of a message.</summary>
    public int? Duplicates { get; init; }

    /// <summary>Backlog: the rate of the last tenth against that of the first.</summary>
    public double? EndAgainstStart { get; init; }

    /// <summary>One line, for machines.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
