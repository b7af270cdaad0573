using Akka.Actor;
using Akka.Event;

namespace RaftQueue.Server.Logging;

/// <summary>
/// Writes what the actors log, one compact line each, to standard output. Everything that the node says is written; of Akka's own lines only warnings and
/// errors, and what repeats itself only once a minute.
/// </summary>
internal sealed class ConsoleLogger : ReceiveActor
{
    private readonly RepeatFilter _repeats = new(TimeSpan.FromMinutes(1));

    public ConsoleLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private void Write(LogEvent log)
    {
        if (!Context.System.Settings.LogFilter.ShouldTryKeepMessage(log, out _))
            return;
        var line = LogLine.Of(log);
        if (line.IsNoise || (line.IsOfAkka && _repeats.IsRepeat(line.Message, log.Timestamp)))
            return;
        Console.WriteLine(line);
    }
}
