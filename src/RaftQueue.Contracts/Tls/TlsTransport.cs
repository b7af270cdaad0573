using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;

namespace RaftQueue.Contracts.Tls;

/// <summary>
/// Akka's TCP transport with our TLS, carried by an actor system of its own. Akka shuts the whole actor system down when a handshake fails that it began itself: one
/// node with an expired certificate, or one that is killed in the middle of a handshake, would take down every node that connects to it. Here that shutdown meets a
/// carrier that has nothing to shut down, and the failed connection is tried again like any other.
/// </summary>
internal sealed class TlsTransport : Transport
{
    private const string Carried = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote";

    // Akka waits for a handshake without an end, and keeps the address to itself meanwhile: a peer that stands still in the middle of one would be lost for good.
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(5);

    private readonly ActorSystem _carrier;
    private readonly Transport _tcp;

    /// <param name="system">Whose remoting this is.</param>
    /// <param name="config">Its <c>akka.remote.dot-netty.tcp</c>.</param>
    public TlsTransport(ActorSystem system, Config config)
    {
        (System, Config) = (system, config);
        var settings = TlsSettings.Read(system.Settings.Config);
        var certificates = TlsCertificates.Load(settings);
        var check = new PeerCheck(certificates.Authorities, settings.ChecksInboundAddress, settings.Host is null ? null : system.Name);
        var tls = new DotNettySslSetup(
            certificates.Own,
            suppressValidation: false,
            requireMutualAuthentication: true,
            validateCertificateHostname: true,
            customValidator: (certificate, _, peer, errors, log) => check.Accepts(certificate, peer, errors, log));
        _carrier = ActorSystem.Create(system.Name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(CarrierConfig(system)), tls));
        _carrier.ActorOf(Props.Create(() => new CarrierLog(system.EventStream)), "log");
        _tcp = (Transport)Activator.CreateInstance(Type.GetType(Carried, throwOnError: true)!, _carrier, config)!;
        SchemeIdentifier = _tcp.SchemeIdentifier;
        MaximumPayloadBytes = _tcp.MaximumPayloadBytes;
    }

    /// <inheritdoc />
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _tcp.Listen();

    /// <inheritdoc />
    public override bool IsResponsibleFor(Address remote) => _tcp.IsResponsibleFor(remote);

    /// <inheritdoc />
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        var association = _tcp.Associate(remoteAddress);
        try
        {
            return await association.WaitAsync(LongestHandshake).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _ = association.ContinueWith(late => late.Result.Disassociate("It came too late.", _carrier.Log), TaskContinuationOptions.OnlyOnRanToCompletion);
            throw new InvalidAssociationException($"No TLS handshake with {remoteAddress} within {LongestHandshake.TotalSeconds} s.");
        }
    }

    /// <inheritdoc />
    public override async Task<bool> Shutdown()
    {
        var isClean = await _tcp.Shutdown().ConfigureAwait(false);
        await _carrier.Terminate().ConfigureAwait(false);
        return isClean;
    }

    private static Config CarrierConfig(ActorSystem system) => ConfigurationFactory.ParseString($$"""
        akka {
          actor.provider = local
          loglevel = "{{system.Settings.LogLevel}}"
          stdout-loglevel = OFF
          loggers = []
          coordinated-shutdown { terminate-actor-system = off, exit-clr = off, run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
        }
        """);
}
