using System.Net;
using System.Net.Sockets;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>Where nodes under test listen.</summary>
internal static class Loopback
{
    /// <summary>
    /// An address that outgoing connections do not start from: a node that restarts finds its port free. macOS has only one loopback address.
    /// </summary>
    public static readonly string Host = OperatingSystem.IsMacOS() ? "127.0.0.1" : "127.0.0.2";

    /// <summary>Different ports, all chosen by the system.</summary>
    public static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Parse(Host), 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
