using System.Data.Common;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Akka.Event;

namespace RaftQueue.Server.Logging;

/// <summary>One line of the log, for people.</summary>
/// <param name="Time">When it was said, in local time.</param>
/// <param name="Level">How serious it is.</param>
/// <param name="Source">Who said it: an actor of the node, or a part of Akka.</param>
/// <param name="Message">What was said, on one line; but for a defect, whose stack trace follows.</param>
/// <param name="IsOfAkka">Akka said it, and not the node.</param>
/// <param name="IsNoise">Akka said it of a client that has gone, or said it twice.</param>
internal sealed partial record LogLine(DateTime Time, string Level, string Source, string Message, bool IsOfAkka, bool IsNoise)
{
    private const string Node = "/user/raftqueue/";

    /// <param name="log">What was logged.</param>
    /// <param name="systemName">The name that the actor systems of all nodes share, and those of clients do not have.</param>
    public static LogLine Of(LogEvent log, string systemName)
    {
        var (source, isOfAkka) = NameOf(log.LogSource);
        var isNoise = isOfAkka && (log.LogLevel() < LogLevel.WarningLevel || IsOfAClient(log, systemName) || IsFarewell(log));
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
        if (Unreachable().Match(message) is { Success: true } peer)
            return $"no connection to {peer.Groups["peer"].Value}; it is tried again until there is one";
        return log.Cause switch
        {
            null => message,
            { } cause when IsOfTheSurroundings(cause) => $"{message} ({cause.GetBaseException().Message.ReplaceLineEndings(" ")})",
            { } defect => $"{message}{Environment.NewLine}{defect}",
        };
    }

    private static bool IsOfAClient(LogEvent log, string systemName) =>
        Unreachable().Match(log.Message.ToString() ?? "") is { Success: true } lost && lost.Groups["system"].Value != systemName;

    // Akka says it a second time, as an error.
    private static bool IsFarewell(LogEvent log) => log.Message.ToString() == "Disassociated";

    // What disks, networks and databases do is explained by its message; only a defect of the program needs its stack trace.
    private static bool IsOfTheSurroundings(Exception cause) =>
        cause.GetBaseException() is IOException or SocketException or DbException or TimeoutException or UnauthorizedAccessException
        || cause.GetType().Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true;

    [GeneratedRegex(@"^(Tried to associate with unreachable remote address \[|Association with remote system )\S*?//(?<system>[^@]+)@(?<peer>[^\s\]]+)")]
    private static partial Regex Unreachable();
}
