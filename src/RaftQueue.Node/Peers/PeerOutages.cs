using Akka.Event;

namespace RaftQueue.Node.Peers;

/// <summary>
/// Logs that a node is down, with the reason, and that it is back: a line for each change, however often it is tried meanwhile.
/// </summary>
/// <param name="log">Where the lines go.</param>
internal sealed class PeerOutages(ILoggingAdapter log)
{
    // A node that restarts quickly, or a short pause, is no outage.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // A reason that keeps changing is logged this often at the most.
    private static readonly TimeSpan BetweenReasons = TimeSpan.FromMinutes(1);

    private const string NoReason = "nothing comes from it";

    private readonly Dictionary<string, Outage> _outages = [];

    /// <summary>The last attempt to connect to the node failed.</summary>
    public void Failed(string address, string reason)
    {
        if (_outages.TryGetValue(address, out var outage))
            _outages[address] = outage with { Reason = reason };
    }

    /// <summary>Nothing was heard of the node since the last time.</summary>
    /// <param name="address">Where it should be.</param>
    /// <param name="name">Its name, as "node n1"; "the node" where it is not known.</param>
    /// <param name="now">The monotonic clock.</param>
    public void Silent(string address, string name, TimeSpan now)
    {
        if (!_outages.TryGetValue(address, out var outage))
            _outages[address] = outage = new Outage(now, NoReason, null, default);
        if (now - outage.Since < Patience || outage.Reason == outage.Logged || (outage.Logged is not null && now - outage.LoggedAt < BetweenReasons))
            return;
        _outages[address] = outage with { Logged = outage.Reason, LoggedAt = now };
        log.Warning("No connection to {0} at {1}: {2}. It is tried until there is one.", name, address, outage.Reason);
    }

    /// <summary>Something was heard of the node.</summary>
    public void Heard(string address, string name, TimeSpan now)
    {
        if (_outages.Remove(address, out var outage) && outage.Logged is not null)
            log.Info("The connection to {0} at {1} is there, after {2:0} s.", name, address, (now - outage.Since).TotalSeconds);
    }

    /// <summary>The node is not expected any more.</summary>
    public void Forget(string address) => _outages.Remove(address);

    private sealed record Outage(TimeSpan Since, string Reason, string? Logged, TimeSpan LoggedAt);
}
