using Akka.Actor;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Contracts.Remoting;

/// <summary>The other end of a connection that was dialled has said who it is. On the event stream of the actor system.</summary>
/// <param name="Dialled">The address that was dialled.</param>
/// <param name="Own">The address that the other end goes by: only there does it take messages.</param>
internal sealed record PeerGreeted(Address Dialled, Address Own);

/// <summary>A connection that was dialled did not come about. On the event stream of the actor system.</summary>
/// <param name="Dialled">The address that was dialled.</param>
/// <param name="Failure">Why.</param>
internal sealed record ConnectFailed(Address Dialled, ConnectFailure Failure);
