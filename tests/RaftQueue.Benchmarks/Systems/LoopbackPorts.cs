using System.Net;
using System.Net.Sockets;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>Ports that the system says are free. Nodes need to know each other's before any of them runs.</summary>
internal static class LoopbackPorts
{
    public static int[] Free(int count)
    {
        // All are held until all are known, so that they differ.
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
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
