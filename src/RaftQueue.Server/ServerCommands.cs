using System.CommandLine;
using RaftQueue.Server.Certificates;
using RaftQueue.Server.Operating;

namespace RaftQueue.Server;

/// <summary>Everything that the server can be told on its command line.</summary>
internal static class ServerCommands
{
    public static RootCommand Create()
    {
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
        return root;
    }
}
