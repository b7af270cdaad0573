using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Contracts.Tls;

/// <summary>Turns a connection into an encrypted one, of which both ends have shown a certificate that the other accepts.</summary>
internal sealed class TlsHandshake
{
    // A peer that stands still in the middle of a handshake must not keep its address, or one of our sockets, to itself.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly SslStreamCertificateContext _own;
    private readonly PeerCheck _check;
    private readonly ThrottledLog _log;

    private TlsHandshake(TlsCertificates certificates, PeerCheck check, ThrottledLog log) =>
        (_own, _check, _log) = (SslStreamCertificateContext.Create(certificates.Own, additionalCertificates: null, offline: true), check, log);

    /// <summary>As <c>raftqueue.tls</c> wants it.</summary>
    /// <param name="system">Whose connections it is for.</param>
    /// <param name="log">Where refusals and failures are logged.</param>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown or ill-typed, or a certificate cannot be used.</exception>
    public static TlsHandshake Of(ActorSystem system, ThrottledLog log)
    {
        var settings = TlsSettings.Read(system.Settings.Config);
        if (!settings.IsEnabled)
        {
            throw new RaftQueueConfigurationException(
                $"{TransportSettings.Section}.enable-ssl",
                $"is on, but {TlsSettings.Section}.enabled is off. Set the latter, and the certificates beside it, for encrypted connections.");
        }

        var certificates = TlsCertificates.Load(settings);
        return new TlsHandshake(certificates, new PeerCheck(certificates.Authorities, settings.ChecksInboundAddress, settings.Host is null ? null : system.Name), log);
    }

    /// <summary>Shakes hands with whom we have called.</summary>
    /// <exception cref="IOException">It came to nothing. The log says why, and the stream is closed.</exception>
    public Task<Stream> CallAsync(Stream stream, Address peer) => ShakeAsync(stream, peer.ToString(), (tls, check, limit) => tls.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = HostName.Unbracketed(peer.Host!),
            ClientCertificateContext = _own,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = check,
        },
        limit));

    /// <summary>Shakes hands with somebody who has called us.</summary>
    /// <exception cref="IOException">It came to nothing. The log says why, and the stream is closed.</exception>
    public Task<Stream> AnswerAsync(Stream stream, IPEndPoint peer) => ShakeAsync(stream, peer.ToString(), (tls, check, limit) => tls.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _own,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = check,
        },
        limit));

    private async Task<Stream> ShakeAsync(
        Stream stream, string peer, Func<SslStream, RemoteCertificateValidationCallback, CancellationToken, Task> shake)
    {
        var tls = new SslStream(stream);
        string? objection = null;
        try
        {
            using var limit = new CancellationTokenSource(Longest);
            await shake(tls, (_, certificate, _, errors) => (objection = _check.Check(certificate as X509Certificate2, peer, errors, _log)) is null, limit.Token)
                .ConfigureAwait(false);
            return tls;
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (objection is not null)
                throw new TlsFailedException(ConnectFailureKind.CertificateRefused, $"its certificate is refused here: {objection.TrimEnd('.')}", failure);
            var cause = failure is OperationCanceledException ? $"it took more than {Longest.TotalSeconds} s" : failure.GetBaseException().Message.TrimEnd('.');
            _log.Warning("handshake", PeerCheck.HostIn(peer), $"The TLS handshake with {peer} failed: {cause}.");
            throw failure is OperationCanceledException
                ? new TlsFailedException(ConnectFailureKind.TimedOut, $"the TLS handshake took more than {Longest.TotalSeconds} s", failure)
                : new TlsFailedException(
                    ConnectFailureKind.NoTls, $"the TLS handshake failed ({cause}): the other side does not use TLS, and this side does ({TlsSettings.Section}.enabled)", failure);
        }
    }
}
