using Akka.Actor;
using Akka.Event;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>Writes the log of a node under test into a file of its data's folder, where <c>RAFTQUEUE_TEST_LOGS</c> can have it kept.</summary>
internal sealed class NodeLog : ReceiveActor
{
    /// <summary>The key of the file.</summary>
    public const string FileKey = "raftqueue-tests.log-file";

    private readonly StreamWriter _file;

    public NodeLog()
    {
        var path = Context.System.Settings.Config.GetString(FileKey);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new StreamWriter(path, append: true) { AutoFlush = true };
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(entry => _file.WriteLine($"{entry.Timestamp:HH:mm:ss.fff} {entry.LogLevel(),-12} {entry.LogSource} {entry.Message} {entry.Cause}"));
    }

    protected override void PostStop() => _file.Dispose();
}
