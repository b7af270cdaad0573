namespace RaftQueue.Node.Peers;

/// <summary>
/// How long the other nodes have been silent. A connection can be open and yet carry nothing one way: a node that restarts and one that finds it again at the same instant can
/// be left with a pair of connections of which one is never read, and the transport's own heartbeats pass all the same. So it is our own words that count: whoever is silent
/// is asked, and whoever stays silent is worth a new connection.
/// </summary>
/// <param name="random">Draws from [0, 1): two nodes that lost each other must not connect anew at the same instant for ever.</param>
internal sealed class Silences(Func<double> random)
{
    // Longer than an election timeout, so that no leader is lost by it that was not lost before.
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, TimeSpan> _patienceEnds = [];

    /// <summary>A word of the node at an address has come.</summary>
    public void Broken(string address) => _patienceEnds.Remove(address);

    /// <summary>It is silent now. Returns whether that has been so for too long; then it is counted anew.</summary>
    public bool HasLastedTooLong(string address, TimeSpan now)
    {
        var isNew = !_patienceEnds.TryGetValue(address, out var end);
        if (!isNew && now < end)
            return false;
        _patienceEnds[address] = now + ShortestPatience + ((LongestPatience - ShortestPatience) * random());
        return !isNew;
    }
}
