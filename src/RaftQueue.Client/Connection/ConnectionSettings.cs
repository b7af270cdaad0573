using System.Collections.Immutable;

namespace RaftQueue.Client.Connection;

/// <summary>What the connection needs to know, checked at the edge.</summary>
/// <param name="Addresses">Akka addresses of nodes.</param>
/// <param name="AttemptTimeout">How long a node may take to answer before it is taken for dead.</param>
/// <param name="Backoff">The pauses between rounds of asking for a leader.</param>
/// <param name="KeepAliveInterval">How often consumers are named to the leader.</param>
internal sealed record ConnectionSettings(
    ImmutableArray<string> Addresses, TimeSpan AttemptTimeout, Backoff Backoff, TimeSpan KeepAliveInterval);
