using RaftQueue.Contracts.Client;

namespace RaftQueue.Contracts.Tls;

/// <summary>A TLS handshake came to nothing.</summary>
/// <param name="kind">What kind of cause it was, as far as this side knows.</param>
/// <param name="reason">The cause, for people.</param>
/// <param name="cause">The error of the handshake.</param>
internal sealed class TlsFailedException(ConnectFailureKind kind, string reason, Exception cause) : IOException(reason, cause)
{
    /// <summary>What kind of cause it was.</summary>
    public ConnectFailureKind Kind => kind;
}
