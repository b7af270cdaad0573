using System.Net;
using System.Net.Sockets;
using RaftQueue.Contracts.Addressing;

namespace RaftQueue.Contracts.Remoting;

/// <summary>Sockets as the settings want them.</summary>
internal static class Sockets
{
    /// <summary>A socket that listens where the settings say.</summary>
    /// <exception cref="SocketException">The address is taken, is none of this machine's, or its name is unknown.</exception>
    public static Socket Listen(TransportSettings settings)
    {
        var address = AddressOf(settings.Hostname);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(address, settings.Port));
            listener.Listen(settings.Backlog);
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Sets what the settings say about connections.</summary>
    public static void Apply(TransportSettings settings, Socket socket)
    {
        socket.NoDelay = settings.HasNoDelay;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, settings.KeepsAlive);
        if (settings.SendBuffer is { } send)
            socket.SendBufferSize = send;
        if (settings.ReceiveBuffer is { } receive)
            socket.ReceiveBufferSize = receive;
    }

    /// <summary>The address that a name or an address stands for, of the older protocol where it has both; empty for all of this machine's.</summary>
    /// <exception cref="SocketException">The name is unknown.</exception>
    public static IPAddress AddressOf(string host)
    {
        if (host.Length == 0)
            return IPAddress.Any;
        if (IPAddress.TryParse(HostName.Unbracketed(host), out var address))
            return address;
        return Dns.GetHostAddresses(host).OrderBy(one => one.AddressFamily is AddressFamily.InterNetwork ? 0 : 1).First();
    }
}
