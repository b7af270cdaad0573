using System.Net;
using System.Net.Sockets;

namespace RaftQueue.Samples.QuickStart;

/// <summary>A temporary folder with a HOCON file and a data directory for each node; gone when it is disposed of.</summary>
internal sealed class NodeFiles : IDisposable
{
    private readonly IReadOnlyList<int> _ports;

    public NodeFiles(IReadOnlyList<string> names)
    {
        _ports = FreePorts(names.Count);
        Folder = Directory.CreateTempSubdirectory("raftqueue-quickstart-").FullName;
        for (var i = 0; i < names.Count; i++)
            File.WriteAllText(ConfigOf(names[i]), Hocon(names, i));
    }

    public string Folder { get; }

    public IEnumerable<string> Addresses => _ports.Select(port => $"127.0.0.1:{port}");

    public string ConfigOf(string name) => Path.Combine(Folder, $"{name}.conf");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Hocon(IReadOnlyList<string> names, int i) => $$"""
        raftqueue {
          node = {{names[i]}}
          members = [{{string.Join(", ", names)}}]
          storage.data-directory = "{{Path.Combine(Folder, names[i]).Replace('\\', '/')}}"
        }

        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = {{_ports[i]}} }
          cluster.seed-nodes = [{{string.Join(", ", Addresses.Select(address => $"\"akka.tcp://raftqueue@{address}\""))}}]
        }
        """;

    // The system chooses; all are held until all are chosen, so that they differ.
    private static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToList();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
