using System.Data.Common;
using System.Net.Sockets;
using Akka.Event;

namespace RaftQueue.Server.Logging;

/// <summary>One line of the log, for people.</summary>
/// <param name="Time">When it was said, in local time.</param>
/// <param name="Level">How serious it is.</param>
/// <param name="Source">Who said it: an actor of the node, or a part of Akka.</param>
/// <param name="Message">What was said, on one line; but for a defect, whose stack trace follows.</param>
/// <param name="IsOfAkka">Akka said it, and not the node.</param>
/// <param name="IsNoise">It need not be read: a detail, or something that is said elsewhere.</param>
internal sealed record LogLine(DateTime Time, string Level, string Source, string Message, bool IsOfAkka, bool IsNoise)
{
    private const string Node = "/user/raftqueue/";

    /// <param name="log">What was logged.</param>
    public static LogLine Of(LogEvent log)
    {
        var (source, isOfAkka) = NameOf(log.LogSource);
        var isNoise = isOfAkka && (log.LogLevel() < LogLevel.WarningLevel || IsSaidElsewhere(log));
        return new LogLine(log.Timestamp.ToLocalTime(), NameOf(log.LogLevel()), source, Describe(log), isOfAkka, isNoise);
    }

    public override string ToString() => $"{Time:HH:mm:ss.fff} {Level} {Source}: {Message}";

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.ErrorLevel => "ERROR",
        LogLevel.WarningLevel => "warn ",
        LogLevel.InfoLevel => "info ",
        _ => "debug",
    };

    private static (string Name, bool IsOfAkka) NameOf(string source)
    {
        var node = source.IndexOf(Node, StringComparison.Ordinal);
        if (node >= 0)
            return (source[(node + Node.Length)..].Split('#')[0].Split('/')[^1], false);
        var system = source.IndexOf("/system/", StringComparison.Ordinal);
        var name = system >= 0 ? source[(system + 1)..].Split('/')[1] : source.Split(' ', '(', '[')[0];
        return ($"akka {name}".TrimEnd(), true);
    }

    private static string Describe(LogEvent log)
    {
        var message = log.Message.ToString()?.ReplaceLineEndings(" ") ?? "";
        return log.Cause switch
        {
            null => message,
            { } cause when IsOfTheSurroundings(cause) => $"{message} ({cause.GetBaseException().Message.ReplaceLineEndings(" ")})",
            { } defect => $"{message}{Environment.NewLine}{defect}",
        };
    }

    // An address that is taken ends the start with an error of its own.
    private static bool IsSaidElsewhere(LogEvent log) =>
        log.Message.ToString() is { } message && message.StartsWith("Failed to bind to ", StringComparison.Ordinal);

    // What disks, networks and databases do is explained by its message; only a defect of the program needs its stack trace.
    private static bool IsOfTheSurroundings(Exception cause) =>
        cause.GetBaseException() is IOException or SocketException or DbException or TimeoutException or UnauthorizedAccessException
        || cause.GetType().Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true;
}
