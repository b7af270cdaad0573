namespace RaftQueue.Node.Peers;

/// <summary>What to do about a node that is silent.</summary>
internal enum Remedy
{
    /// <summary>Ask it, and wait.</summary>
    Ask,

    /// <summary>Tell it that it is not heard: it is for the other end to make its connection anew, if that is where the words get lost.</summary>
    Complain,

    /// <summary>Make our own connection anew.</summary>
    ConnectAnew,
}

/// <summary>
/// How long the other nodes have been silent. A connection can be open and yet carry nothing one way: a node was seen to hear another for more than a minute, after that had restarted,
/// while nothing of what it said got there; and the transport's own heartbeats pass all the same. So it is our own words that count.
/// </summary>
/// <param name="random">Draws from [0, 1): two nodes that lost each other must not connect anew at the same instant for ever.</param>
internal sealed class Silences(Func<double> random)
{
    // Longer than an election timeout, so that no leader is lost by it that was not lost before.
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (TimeSpan PatienceEnds, Remedy Next)> _silent = [];
    private readonly Dictionary<string, TimeSpan> _connected = [];

    /// <summary>A word of the node at an address has come.</summary>
    public void Broken(string address) => _silent.Remove(address);

    /// <summary>The node at an address is silent now. Complaints and new connections take turns, each when patience has ended once more.</summary>
    public Remedy Treat(string address, TimeSpan now)
    {
        if (!_silent.TryGetValue(address, out var silence))
            _silent[address] = (now + Patience(), Remedy.Complain);
        else if (now >= silence.PatienceEnds)
            _silent[address] = (now + Patience(), silence.Next == Remedy.Complain ? Remedy.ConnectAnew : Remedy.Complain);
        else
            return Remedy.Ask;
        return silence.Next;
    }

    /// <summary>Whether the last new connection to an address is long enough ago: the other end may be complaining, too.</summary>
    public bool MayConnectAnew(string address, TimeSpan now)
    {
        if (_connected.TryGetValue(address, out var last) && now - last < BetweenConnections)
            return false;
        foreach (var past in _connected.Where(connected => now - connected.Value >= BetweenConnections).ToList())
            _connected.Remove(past.Key);
        _connected[address] = now;
        return true;
    }

    private TimeSpan Patience() => ShortestPatience + ((LongestPatience - ShortestPatience) * random());
}
