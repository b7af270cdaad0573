using System.CommandLine;
using RaftQueue.Benchmarks.Compare;
using RaftQueue.Benchmarks.Load;
using RaftQueue.Benchmarks.Micro;
using RaftQueue.Benchmarks.Reference;
using RaftQueue.Benchmarks.Sweep;
using RaftQueue.Tests;
using Spectre.Console;

// A table that goes into a file has no screen to fit.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 200;

var root = new RootCommand("Measures RaftQueue: under load, beside another queue, and piece by piece.");
root.Subcommands.Add(LoadCommand.Create());
root.Subcommands.Add(CompareCommand.Create());
root.Subcommands.Add(SweepCommand.Create());
root.Subcommands.Add(SpikeCommand.Create());
root.Subcommands.Add(MicroCommand.Create());
return await Verbs.InvokeAsync(root, args);
