using System.CommandLine;
using RaftQueue.Server;

Allocator.UseOneArena();

var parsed = ServerCommands.Create().Parse(args);
if (parsed.Errors is [var error, ..])
    return Failures.Report($"{error.Message.ReplaceLineEndings(" ")} Try --help.", ExitCodes.CannotStart);

// A node that is told to stop hands its leadership over first. It takes well under a second; the limit is for a node that cannot.
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
