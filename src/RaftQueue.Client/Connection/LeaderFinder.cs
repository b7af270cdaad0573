using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Client.Connection;

/// <summary>
/// What a client believes about the cluster: its nodes, and who leads which group. Everything it hears may be out of date, so a newer term
/// goes before an older one, and first-hand word before hearsay: what a node says of itself is believed, what others say of a node that just
/// fell silent is not.
/// </summary>
internal sealed class LeaderFinder
{
    // Two nodes that each take the other for the leader would send us back and forth at the speed of the network.
    private const int MaxRedirectsInARow = 4;

    private readonly Dictionary<GroupId, Dictionary<string, string>> _awaited = [];
    private string[] _configured;
    private readonly Dictionary<GroupId, string> _leaders = [];
    private readonly Dictionary<GroupId, Term> _terms = [];
    private readonly Dictionary<GroupId, int> _redirects = [];
    private readonly HashSet<string> _suspects = [];
    private Dictionary<NodeId, string> _nodes = [];
    private string[] _ring;
    private int _next;

    public LeaderFinder(IEnumerable<string> addresses) => _ring = _configured = [.. addresses.Distinct()];

    /// <summary>How many groups the cluster has; 0 until a node has answered.</summary>
    public int Groups { get; private set; }

    public IReadOnlyDictionary<NodeId, string> Nodes => _nodes;

    /// <summary>Every address worth asking.</summary>
    public IReadOnlyList<string> Addresses => _ring;

    public bool TryLeader(GroupId group, out string address) => _leaders.TryGetValue(group, out address!);

    /// <summary>Whom to ask next: all known nodes in turn.</summary>
    public string NextNode() => _ring[_next++ % _ring.Length];

    /// <summary>A node goes by another address than the one that it was asked at: only there does it take messages.</summary>
    public void Move(string address, string own)
    {
        _configured = [.. _configured.Select(known => known == address ? own : known).Distinct()];
        _ring = [.. _configured.Union(_nodes.Values)];
    }

    /// <summary>What nodes say that a group without a leader waits for; empty where they say nothing.</summary>
    public string AwaitedBy(GroupId group) => string.Join(" ", (_awaited.GetValueOrDefault(group) ?? [])
        .GroupBy(said => said.Value, said => said.Key)
        .Select(said => $"{string.Join(", ", said.Order(StringComparer.Ordinal))}: {said.Key}"));

    /// <summary>Takes in a node's view of the cluster.</summary>
    /// <returns>The groups whose leader is now another than before.</returns>
    public List<GroupId> Learn(Welcome welcome, string from)
    {
        _suspects.Remove(from);
        Groups = welcome.Groups.Length;
        _nodes = welcome.Nodes.DistinctBy(node => node.Node).ToDictionary(node => node.Node, node => node.Address);
        _ring = [.. _configured.Union(_nodes.Values)];
        foreach (var group in welcome.Groups)
            Await(group, from);
        return [.. welcome.Groups.Where(group => Hear(group, from)).Select(group => group.Group)];
    }

    /// <summary>A node answered that it does not lead.</summary>
    /// <returns>Whether the leader is now another than before.</returns>
    public bool Redirect(NotLeader reply, string from)
    {
        var believed = _leaders.GetValueOrDefault(reply.Group);
        if (believed is not null && believed != from)
            return false; // an answer to something sent before we knew better

        _leaders.Remove(reply.Group);
        var redirects = _redirects[reply.Group] = _redirects.GetValueOrDefault(reply.Group) + 1;
        if (reply.Leader is not { } leader || leader.Address == from || _suspects.Contains(leader.Address))
            return false;
        if (redirects > MaxRedirectsInARow)
        {
            _redirects[reply.Group] = 0;
            return false;
        }

        _leaders[reply.Group] = leader.Address;
        _ring = [.. _ring.Union([leader.Address])];
        return true;
    }

    /// <summary>The leader of a group answered a request: redirects are counted from here again.</summary>
    public void Confirm(GroupId group) => _redirects[group] = 0;

    /// <summary>A node does not answer any more. What others say of it does not count until it speaks again.</summary>
    public void Lose(string address)
    {
        _suspects.Add(address);
        foreach (var said in _awaited.Values)
            said.Remove(address);
        foreach (var group in _leaders.Where(leader => leader.Value == address).Select(leader => leader.Key).ToArray())
            _leaders.Remove(group);
    }

    private void Await(GroupLeader claim, string from)
    {
        if (!_awaited.TryGetValue(claim.Group, out var said))
            _awaited[claim.Group] = said = [];
        if (claim.Awaited.Length > 0)
            said[from] = claim.Awaited;
        else
            said.Remove(from);
    }

    private bool Hear(GroupLeader claim, string from)
    {
        var believed = _leaders.GetValueOrDefault(claim.Group);
        if (claim.Leader is not { } leader || !_nodes.TryGetValue(leader, out var address))
        {
            if (believed == from)
                _leaders.Remove(claim.Group); // our leader says that it is none
            return false;
        }

        if (!IsCredible(claim, address, believed, from))
            return false;
        _terms[claim.Group] = claim.Term;
        _leaders[claim.Group] = address;
        return address != believed;
    }

    // A higher term is newer, whoever tells of it: no node makes one up. Where terms do not decide, first-hand word goes before hearsay.
    private bool IsCredible(GroupLeader claim, string address, string? believed, string from)
    {
        if (_suspects.Contains(address))
            return false;
        var known = _terms.GetValueOrDefault(claim.Group);
        return believed is null || claim.Term > known || (claim.Term == known && (from == address || from == believed));
    }
}
