using System.CommandLine;
using RaftQueue.Chaos.Commands;
using RaftQueue.Tests;

var root = new RootCommand("Real RaftQueue servers under real faults, and a checker of what clients saw.")
{
    RunCommand.Create(),
    FailoverCommand.Create(),
    EndureCommand.Create(),
    CheckCommand.Create(),
    ClientCommand.Create(),
};

return await Verbs.InvokeAsync(root, args);
