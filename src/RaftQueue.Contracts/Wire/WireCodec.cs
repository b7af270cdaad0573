using Google.Protobuf;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Everything that is sent, to bytes and back. What a frame is read as depends on its manifest alone (<see cref="Manifests"/>), never on a type name
/// in it.
/// </summary>
public static class WireCodec
{
    /// <summary>The manifest under which <paramref name="message"/> is sent.</summary>
    /// <param name="message">An <see cref="Envelope"/>, an <see cref="Introduction"/>, an <see cref="IClientMessage"/> or an <see cref="IReply"/>.</param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static string ManifestOf(object message) => Manifests.Of(message);

    /// <summary>The message as bytes. Payloads must not change meanwhile; they are copied once, into the result.</summary>
    /// <inheritdoc cref="ManifestOf"/>
    public static byte[] Encode(object message) => message switch
    {
        Envelope envelope => PeerMapper.Encode(envelope),
        IClientMessage clientMessage => ClientMapper.ToProto(clientMessage).ToByteArray(),
        IReply reply => ReplyMapper.ToProto(reply).ToByteArray(),
        Introduction introduction => PeerMapper.ToProto(introduction).ToByteArray(),
        _ => throw new ArgumentException($"{message.GetType().Name} is not sent on the wire.", nameof(message)),
    };

    /// <summary>
    /// The message that was encoded. Its values lie in their ranges; the bounds of a client's command or query are for the gateway to check
    /// (<see cref="CommandCodec"/>, <see cref="QueryBounds"/>), so that it can answer.
    /// </summary>
    /// <exception cref="UnknownManifestException">No message has this manifest.</exception>
    /// <exception cref="MalformedException">The bytes are no such message.</exception>
    public static object Decode(string manifest, ReadOnlyMemory<byte> bytes) => manifest switch
    {
        Manifests.AppendEntries => PeerMapper.FromProto(ProtoBytes.Read<Proto.AppendEntries>(bytes)),
        Manifests.AppendReply => PeerMapper.FromProto(ProtoBytes.Read<Proto.AppendReply>(bytes)),
        Manifests.RequestVote => PeerMapper.FromProto(ProtoBytes.Read<Proto.RequestVote>(bytes)),
        Manifests.VoteReply => PeerMapper.FromProto(ProtoBytes.Read<Proto.VoteReply>(bytes)),
        Manifests.InstallSnapshot => PeerMapper.FromProto(ProtoBytes.Read<Proto.InstallSnapshot>(bytes)),
        Manifests.SnapshotReply => PeerMapper.FromProto(ProtoBytes.Read<Proto.SnapshotReply>(bytes)),
        Manifests.TimeoutNow => PeerMapper.FromProto(ProtoBytes.Read<Proto.TimeoutNow>(bytes)),
        Manifests.FoundingCall => PeerMapper.FromProto(ProtoBytes.Read<Proto.FoundingCall>(bytes)),
        Manifests.FoundingReply => PeerMapper.FromProto(ProtoBytes.Read<Proto.FoundingReply>(bytes)),
        Manifests.Introduction => PeerMapper.FromProto(ProtoBytes.Read<Proto.Introduction>(bytes)),
        Manifests.CommandRequest => ClientMapper.FromProto(ProtoBytes.Read<Proto.CommandRequest>(bytes)),
        Manifests.ClientReply => ClientMapper.FromProto(ProtoBytes.Read<Proto.ClientReply>(bytes)),
        Manifests.Deliver => ClientMapper.FromProto(ProtoBytes.Read<Proto.Deliver>(bytes)),
        Manifests.KeepAlive => ClientMapper.FromProto(ProtoBytes.Read<Proto.KeepAlive>(bytes)),
        Manifests.Hello => ClientMapper.FromProto(ProtoBytes.Read<Proto.Hello>(bytes)),
        Manifests.Welcome => ClientMapper.FromProto(ProtoBytes.Read<Proto.Welcome>(bytes)),
        Manifests.QueryRequest => ClientMapper.FromProto(ProtoBytes.Read<Proto.QueryRequest>(bytes)),
        Manifests.AdminRequest => ClientMapper.FromProto(ProtoBytes.Read<Proto.AdminRequest>(bytes)),
        Manifests.SubscriptionEnded => ClientMapper.FromProto(ProtoBytes.Read<Proto.SubscriptionEnded>(bytes)),
        Manifests.Reply => ReplyMapper.FromProto(ProtoBytes.Read<Proto.Reply>(bytes)),
        _ => throw new UnknownManifestException(manifest),
    };
}
