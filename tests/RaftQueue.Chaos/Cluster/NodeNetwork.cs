using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RaftQueue.Chaos.Cluster;

/// <summary>What a node's link does to packets. Peers are named by their number.</summary>
/// <param name="Deaf">It does not hear these; -1 stands for clients.</param>
/// <param name="Mute">These do not hear it; -1 stands for clients.</param>
/// <param name="LossPercent">How many of the packets that come in from peers are lost.</param>
/// <param name="IsSlow">What goes out waits in line behind a narrow bucket.</param>
public sealed record Link(IReadOnlyList<int> Deaf, IReadOnlyList<int> Mute, int LossPercent = 0, bool IsSlow = false)
{
    /// <summary>Stands for everyone who is no node.</summary>
    public const int Clients = -1;

    /// <summary>A link without faults.</summary>
    public static readonly Link Sound = new([], []);
}

/// <summary>How nodes and clients reach each other.</summary>
public abstract class NodeNetwork : IDisposable
{
    /// <summary>What it is, for people.</summary>
    public abstract string Name { get; }

    /// <summary>The address that clients listen on.</summary>
    public abstract string ClientHost { get; }

    /// <summary>Where a node listens.</summary>
    public abstract (string Host, int Port) AddressOf(int node);

    /// <summary>The command that starts a program where the node is.</summary>
    public abstract ProcessStartInfo Start(int node, string program, params IEnumerable<string> arguments);

    /// <summary>Makes the node's link behave so from now on.</summary>
    public abstract void Set(int node, Link link);

    /// <inheritdoc />
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>All on 127.0.0.1, at ports that the system chooses. Links cannot be cut.</summary>
public sealed class LoopbackNetwork(int nodes) : NodeNetwork
{
    private readonly int[] _ports = FreePorts(nodes);

    public override string Name => "loopback";

    public override string ClientHost => "127.0.0.1";

    public override (string Host, int Port) AddressOf(int node) => ("127.0.0.1", _ports[node]);

    public override ProcessStartInfo Start(int node, string program, params IEnumerable<string> arguments) => new(program, arguments);

    public override void Set(int node, Link link)
    {
        if (link != Link.Sound)
            throw new InvalidOperationException("Links on loopback cannot be cut.");
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
