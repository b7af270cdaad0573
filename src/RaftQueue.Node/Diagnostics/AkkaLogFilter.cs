using Akka.Event;

namespace RaftQueue.Node.Diagnostics;

/// <summary>
/// Drops what Akka logs of connections that cannot be made or have ended: several lines a second, with stack traces, for a node that is
/// down. That a node is down,
/// why, and that it is back is logged once by <see cref="Peers.PeersActor"/>.
/// </summary>
internal sealed class AkkaLogFilter : LogFilterBase
{
    private const string Remoting = "remoting";
    private const string Endpoints = "/system/endpointManager/";
    private const string ForOtherAddress = "for non-local recipient";
    private const string ConnectionEnded = "EndpointDisassociatedException";

    // The first contact of Akka.Cluster with its seed nodes; a Raft group does not depend on it.
    private static readonly string[] s_joining = ["/firstSeedNodeProcess", "/joinSeedNodeProcess"];

    /// <summary>What makes it the filter of an actor system.</summary>
    public static LogFilterSetup Setup { get; } = new([new AkkaLogFilter()]);

    /// <inheritdoc />
    public override LogFilterType FilterType => LogFilterType.Source;

    /// <inheritdoc />
    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string? expandedMessage = null) =>
        IsOfConnection(content) || IsOfJoining(content) ? LogFilterDecision.Drop : LogFilterDecision.Keep;

    private static bool IsOfConnection(LogEvent log) =>
        (log.LogSource.StartsWith(Remoting, StringComparison.Ordinal) || log.LogSource.Contains(Endpoints, StringComparison.Ordinal))
        && (log.LogLevel() <= LogLevel.WarningLevel || log.Cause?.GetType().Name == ConnectionEnded || IsOfOtherAddress(log));

    // A peer that asks a node by another address, or for another actor system, is told so by its own side of the connection.
    private static bool IsOfOtherAddress(LogEvent log) => log.Message is LogMessage message && message.Format.Contains(ForOtherAddress, StringComparison.Ordinal);

    private static bool IsOfJoining(LogEvent log) =>
        log.LogLevel() <= LogLevel.WarningLevel && s_joining.Any(process => log.LogSource.Contains(process, StringComparison.Ordinal));
}
