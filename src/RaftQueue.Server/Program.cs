using System.CommandLine;
using RaftQueue.Server;
using RaftQueue.Server.Certificates;
using RaftQueue.Server.Operating;

Allocator.UseOneArena();

var root = new RootCommand("RaftQueue: a replicated FIFO message queue. Without a verb it runs a node.");
RunCommand.AddTo(root);
root.Subcommands.Add(StatusCommand.Create());
root.Subcommands.Add(HealthCommand.Create());
root.Subcommands.Add(TransferCommand.Create());
root.Subcommands.Add(MemberCommand.Create());
root.Subcommands.Add(ExplainCommand.Create());
root.Subcommands.Add(RepairCommand.Create());
root.Subcommands.Add(BackupCommand.Create());
root.Subcommands.Add(RestoreCommand.Create());
root.Subcommands.Add(CertificatesCommand.Create());

var parsed = root.Parse(args);
if (parsed.Errors is [var error, ..])
    return Failures.Report($"{error.Message.ReplaceLineEndings(" ")} Try --help.", ExitCodes.CannotStart);

// A node that is told to stop hands its leadership over first. It takes well under a second; the limit is for a node that cannot.
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
