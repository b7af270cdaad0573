using System.CommandLine;
using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.History;
using RaftQueue.Chaos.Reporting;

namespace RaftQueue.Chaos.Commands;

/// <summary><c>check</c>: judges a recorded history again.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A history that run has written." };
        var command = new Command("check", "Checks a recorded history again.") { file };
        command.SetAction(parsed =>
        {
            var events = HistoryFile.Read(parsed.GetValue(file)!.FullName);
            var violations = HistoryChecker.Check(events);
            RunReport.Print(events, violations);
            return violations.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
