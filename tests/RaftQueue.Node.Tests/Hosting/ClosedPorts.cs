using System.Net;
using System.Net.Sockets;

namespace RaftQueue.Node.Tests.Hosting;

/// <summary>Ports of this machine that are taken, and at which nobody listens: connections to them are refused.</summary>
internal sealed class ClosedPorts : IDisposable
{
    private readonly List<Socket> _bound = [];

    public ClosedPorts(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _bound.Add(socket);
        }
    }

    public IReadOnlyList<int> Ports => [.. _bound.Select(socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];

    public void Dispose() => _bound.ForEach(socket => socket.Dispose());
}
