using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// The manifest of every message that is sent: how a receiver knows what it reads. The table only grows: a manifest never changes its meaning
/// and is never given to another message. An <see cref="Envelope"/> has the manifest of what is in it.
/// </summary>
public static class Manifests
{
    /// <summary><see cref="Raft.RequestVote"/>, from peer to peer.</summary>
    public const string RequestVote = "RV";

    /// <summary><see cref="Raft.VoteReply"/>, from peer to peer.</summary>
    public const string VoteReply = "VR";

    /// <summary><see cref="Raft.AppendEntries"/>, from peer to peer.</summary>
    public const string AppendEntries = "AE";

    /// <summary><see cref="Raft.AppendReply"/>, from peer to peer.</summary>
    public const string AppendReply = "AR";

    /// <summary><see cref="Raft.InstallSnapshot"/>, from peer to peer.</summary>
    public const string InstallSnapshot = "IS";

    /// <summary><see cref="Raft.SnapshotReply"/>, from peer to peer.</summary>
    public const string SnapshotReply = "SR";

    /// <summary><see cref="Raft.TimeoutNow"/>, from peer to peer.</summary>
    public const string TimeoutNow = "TN";

    /// <summary><see cref="Raft.FoundingCall"/>, from peer to peer.</summary>
    public const string FoundingCall = "FC";

    /// <summary><see cref="Raft.FoundingReply"/>, from peer to peer.</summary>
    public const string FoundingReply = "FR";

    /// <summary><see cref="Raft.Introduction"/>, from node to node.</summary>
    public const string Introduction = "NI";

    /// <summary><see cref="Client.Hello"/>, from client to node.</summary>
    public const string Hello = "c1";

    /// <summary><see cref="Client.Welcome"/>, from node to client.</summary>
    public const string Welcome = "c2";

    /// <summary><see cref="Client.CommandRequest"/>, from client to node.</summary>
    public const string CommandRequest = "c3";

    /// <summary><see cref="Client.QueryRequest"/>, from client to node.</summary>
    public const string QueryRequest = "c4";

    /// <summary><see cref="Client.AdminRequest"/>, from client to node.</summary>
    public const string AdminRequest = "c5";

    /// <summary><see cref="Client.ClientReply"/>, from node to client.</summary>
    public const string ClientReply = "c6";

    /// <summary><see cref="Client.Deliver"/>, from node to client.</summary>
    public const string Deliver = "c7";

    /// <summary><see cref="Client.SubscriptionEnded"/>, from node to client.</summary>
    public const string SubscriptionEnded = "c8";

    /// <summary><see cref="Client.KeepAlive"/>, from client to node.</summary>
    public const string KeepAlive = "c9";

    /// <summary>Any <see cref="IReply"/> on its own.</summary>
    public const string Reply = "r1";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        RequestVote, VoteReply, AppendEntries, AppendReply, InstallSnapshot, SnapshotReply, TimeoutNow, FoundingCall, FoundingReply, Introduction,
        Hello, Welcome, CommandRequest, QueryRequest, AdminRequest, ClientReply, Deliver, SubscriptionEnded, KeepAlive,
        Reply,
    ];

    internal static string Of(object message) => message switch
    {
        Envelope envelope => Of(envelope.Message),
        IClientMessage clientMessage => Of(clientMessage),
        Raft.Introduction => Introduction,
        IReply => Reply,
        _ => throw new ArgumentException($"{message.GetType().Name} is not sent on the wire.", nameof(message)),
    };

    private static string Of(IPeerMessage message) => message switch
    {
        Raft.AppendEntries => AppendEntries,
        Raft.AppendReply => AppendReply,
        Raft.RequestVote => RequestVote,
        Raft.VoteReply => VoteReply,
        Raft.InstallSnapshot => InstallSnapshot,
        Raft.SnapshotReply => SnapshotReply,
        Raft.TimeoutNow => TimeoutNow,
        Raft.FoundingCall => FoundingCall,
        Raft.FoundingReply => FoundingReply,
        _ => throw new ArgumentException($"{message.GetType().Name} has no manifest; give it the next free one here.", nameof(message)),
    };

    private static string Of(IClientMessage message) => message switch
    {
        Client.CommandRequest => CommandRequest,
        Client.ClientReply => ClientReply,
        Client.Deliver => Deliver,
        Client.Hello => Hello,
        Client.Welcome => Welcome,
        Client.QueryRequest => QueryRequest,
        Client.AdminRequest => AdminRequest,
        Client.SubscriptionEnded => SubscriptionEnded,
        Client.KeepAlive => KeepAlive,
        _ => throw new ArgumentException($"{message.GetType().Name} has no manifest; give it the next free one here.", nameof(message)),
    };
}
