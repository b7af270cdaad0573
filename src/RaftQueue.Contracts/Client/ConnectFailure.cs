using System.Net.Sockets;

namespace RaftQueue.Contracts.Client;

/// <summary>The kinds of causes for which no connection to a node comes about.</summary>
public enum ConnectFailureKind
{
    /// <summary>None of the others; the reason says more.</summary>
    Other = 0,

    /// <summary>The host is there, and nothing listens at the port.</summary>
    Refused = 1,

    /// <summary>Nobody knows a host of that name.</summary>
    UnknownHost = 2,

    /// <summary>There is no way to the host.</summary>
    Unreachable = 3,

    /// <summary>Connecting took too long: a firewall, or a host that is down.</summary>
    TimedOut = 4,

    /// <summary>This side uses TLS, and the other does not.</summary>
    NoTls = 5,

    /// <summary>This side refuses the certificate of the other.</summary>
    CertificateRefused = 6,

    /// <summary>
    /// The other side closed the connection before it said who it is: it uses TLS and this side does not, or it refuses the certificate of
    /// this side.
    /// </summary>
    Closed = 7,

    /// <summary>The other side is a node, of an actor system of another name.</summary>
    OtherSystem = 8,

    /// <summary>A connection is there, and no answer came.</summary>
    Silent = 9,
}

/// <summary>Why no connection to a node came about.</summary>
/// <param name="Address">The Akka address that was dialled.</param>
/// <param name="Kind">What kind of cause it is.</param>
/// <param name="Reason">The cause, for people, and what to do about it where that is known.</param>
public sealed record ConnectFailure(string Address, ConnectFailureKind Kind, string Reason)
{
    /// <inheritdoc />
    public override string ToString() => $"{Address}: {Reason}";

    internal static ConnectFailure Of(string address, SocketException failure)
    {
        var (kind, reason) = failure.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => (ConnectFailureKind.Refused, "the connection was refused, because nothing listens at that port"),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => (ConnectFailureKind.UnknownHost, "there is no host of that name"),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
                (ConnectFailureKind.Unreachable, "there is no way to that host"),
            SocketError.TimedOut => (ConnectFailureKind.TimedOut, "the host did not answer"),
            _ => (ConnectFailureKind.Other, failure.Message),
        };
        return new ConnectFailure(address, kind, reason);
    }
}
