using System.CommandLine;
using RaftQueue.Server;

var root = new RootCommand("RaftQueue: a replicated FIFO message queue. Without a verb it runs a node.");
RunCommand.AddTo(root);
// root.Subcommands.Add(StatusCommand.Create());
// root.Subcommands.Add(HealthCommand.Create());
// root.Subcommands.Add(TransferCommand.Create());
// root.Subcommands.Add(MemberCommand.Create());
return await root.Parse(args).InvokeAsync();
