using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Node;

/// <summary>Where a node is told to listen.</summary>
internal sealed record ListeningAddress(string Host, int Port)
{
    private const string Transport = TransportSettings.Section;

    public static ListeningAddress Of(Config config) => new(config.GetString($"{Transport}.hostname", ""), config.GetInt($"{Transport}.port", 0));

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
        new($"Cannot listen at {(Host.Length > 0 ? Host : "the default address")}:{Port} ({Transport}): {why.Message}.", failure);
}
