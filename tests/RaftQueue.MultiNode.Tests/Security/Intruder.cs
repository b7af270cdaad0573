using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Wire;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Security;

/// <summary>Somebody who speaks our protocol over TLS and believes everybody, with a certificate that the others should not believe.</summary>
internal sealed class Intruder : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ActorSystem _system;
    private readonly string _scheme;

    private Intruder(ActorSystem system, string scheme) => (_system, _scheme) = (system, scheme);

    /// <summary>Comes with a certificate of a folder.</summary>
    public static Intruder With(string folder, string name, int port = 0)
    {
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(folder, $"{name}.pem"), Path.Combine(folder, $"{name}.key"));
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var tls = new DotNettySslSetup(certificate, suppressValidation: true, requireMutualAuthentication: true, (_, _, _, _, _) => true);
        return new Intruder(Start(ActorSystemSetup.Create(tls), $"akka.remote.dot-netty.tcp {{ enable-ssl = on, hostname = \"{Loopback.Host}\", port = {port} }}"), "akka.ssl.tcp");
    }

    /// <summary>Comes without any, and speaks plainly.</summary>
    public static Intruder WithoutTls() => new(Start(ActorSystemSetup.Empty, ""), "akka.tcp");

    /// <summary>Says hello to a node, over and over for a while.</summary>
    /// <returns>Whether it was answered.</returns>
    public async Task<bool> IsAnsweredAsync(TestNode node)
    {
        var address = Address.Parse(node.Address);
        var gateway = _system.ActorSelection($"{_scheme}://{address.System}@{address.Host}:{address.Port}/user/raftqueue/gateway");
        try
        {
            await gateway.Ask<Welcome>(new Hello(1), Patience);
            return true;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private static ActorSystem Start(ActorSystemSetup setup, string hocon)
    {
        var config = ConfigurationFactory.ParseString(hocon).WithFallback(ClientSystems.Config).WithFallback(RaftQueueSerializer.Config);
        return ActorSystem.Create("raftqueue", setup.And(BootstrapSetup.Create().WithConfig(config)));
    }
}
