using Akka.Configuration;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>The HOCON of nodes under test: that of <c>hocon/</c>, with faster elections and gossip.</summary>
internal static class NodeConfig
{
    public static Config Of(string name, int port, string folder, IEnumerable<string> members, IEnumerable<string> seeds, ClusterOptions options) =>
        ConfigurationFactory.ParseString($$"""
            raftqueue {
              node = "{{name}}"
              members = [{{List(members)}}]
              groups = {{options.Groups}}
              storage.data-directory = "{{Path.Combine(folder, "data")}}"
              restart-backoff { min = 100ms, max = 1s }
              raft {
                election-timeout { min = {{options.ElectionTimeout.TotalMilliseconds}}ms, max = {{options.ElectionTimeout.TotalMilliseconds * 1.5}}ms }
                heartbeat-interval = 60ms
                kept-log = {{options.KeptLog}}
                journal-checkpoint = 0
              }
              queue { snapshot-entries = {{options.SnapshotEntries}}, segment-cache = {{options.SegmentCache}} }
            }
            raftqueue-tests.log-file = "{{Path.Combine(folder, "node.log")}}"
            akka {
              loglevel = INFO
              stdout-loglevel = OFF
              loggers = ["{{typeof(NodeLog).AssemblyQualifiedName}}"]
              remote.dot-netty.tcp { hostname = "{{Loopback.Host}}", port = {{port}} }
              cluster {
                seed-nodes = [{{List(seeds)}}]
                gossip-interval = 200ms
                leader-actions-interval = 200ms
                periodic-tasks-initial-delay = 200ms
              }
              coordinated-shutdown {
                exit-clr = off
                run-by-clr-shutdown-hook = off
                # So that Terminate is as near to a crash as one process allows.
                run-by-actor-system-terminate = off
                phases.cluster-exiting.timeout = 3s
              }
            }
            {{options.Transport}}
            {{options.Hocon}}
            """);

    private static string List(IEnumerable<string> items) => string.Join(", ", items.Select(item => $"\"{item}\""));
}
