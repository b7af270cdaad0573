using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Node;

/// <summary>Where a node is told to listen.</summary>
/// <param name="Host">The name or the address; empty for every address of the machine.</param>
/// <param name="Port">The port; 0 for one that the system chooses.</param>
/// <param name="Origin">The settings that say so, and where they were read from.</param>
internal sealed record ListeningAddress(string Host, int Port, string Origin)
{
    private const string Transport = TransportSettings.Section;

    /// <exception cref="RaftQueueConfigurationException">A setting of the transport cannot be used.</exception>
    public static ListeningAddress Of(Config config)
    {
        var complete = config.WithFallback(RaftQueueSettings.DefaultConfig).WithFallback(RaftQueueSettings.AkkaDefaults);
        var settings = TransportSettings.Read(complete.GetConfig(Transport), config);
        var origins = new[] { "hostname", "port" }.Select(key => SettingOrigins.Of(config, $"{Transport}.{key}")).OfType<string>().Distinct();
        return new ListeningAddress(settings.Hostname, settings.Port, string.Join(", ", [Transport, .. origins]));
    }

    /// <summary>
    /// Finds out whether one can listen there, before there is an actor system: when Akka finds out, it takes ten seconds to close what it has opened.
    /// </summary>
    /// <exception cref="NodeStartException">The address is taken, or is not this machine's.</exception>
    public void EnsureFree()
    {
        if (Port == 0)
            return;
        try
        {
            var address = Sockets.AddressOf(Host);
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, Port));
        }
        catch (SocketException taken)
        {
            throw Refuse(taken, taken);
        }
    }

    public NodeStartException Refuse(SocketException why, Exception failure) =>
        new($"Cannot listen at {(Host.Length > 0 ? Host : "the default address")}:{Port} ({Origin}): {why.Message}.", failure);
}
