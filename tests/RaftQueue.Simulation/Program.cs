using System.CommandLine;
using RaftQueue.Simulation.Commands;

var root = new RootCommand("Runs the rules of Raft and the queue machine through schedules that a seed decides, and checks every promise on the way.")
{
    RunCommand.Create(),
    ReplayCommand.Create(),
    MutationsCommand.Create(),
    TranscriptsCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
