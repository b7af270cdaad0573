namespace RaftQueue.Contracts.Remoting;

/// <summary>What bounds the connections of a transport.</summary>
/// <param name="LargestFrame">The most bytes of a frame.</param>
/// <param name="LongestHandshake">How long the first frame may take.</param>
/// <param name="Sending">What may wait to be sent, over all connections.</param>
/// <param name="Peers">The other nodes, whose connections are bounded by Raft itself.</param>
/// <param name="Gate">Where the connections of clients pass.</param>
internal sealed record ConnectionLimits(
    int LargestFrame, TimeSpan LongestHandshake, SendBudget Sending, TransportPeers Peers, InboundGate Gate)
{
    private long _givenUp;

    /// <summary>Counts a connection that was closed because its peer does not read.</summary>
    public long CountGivenUp() => Interlocked.Increment(ref _givenUp);
}
