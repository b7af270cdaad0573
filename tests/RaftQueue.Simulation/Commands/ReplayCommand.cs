using System.CommandLine;
using System.Globalization;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Mutations;

namespace RaftQueue.Simulation.Commands;

/// <summary><c>replay</c>: one seed again, told line by line. Exit code 1 when a promise is broken.</summary>
public static class ReplayCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var seed = new Option<ulong>("--seed") { Description = "The seed.", Required = true };
        var nodes = new Option<int?>("--nodes") { Description = "As it was given to run." };
        var mutation = new Option<string?>("--mutation") { Description = "Break a rule: the name of a mutation, as in the list that mutations prints." };
        var quiet = new Option<bool>("--quiet") { Description = "Only the last two lines: the fingerprint of the trace, and the verdict." };
        mutation.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && Catalogue.Find(name) is null)
                result.AddError(Catalogue.NoSuch(name));
        });
        var command = new Command("replay", "Replay one schedule with a readable trace.") { seed, nodes, mutation, quiet };
        command.SetAction((parsed, stop) =>
        {
            using var output = new StreamWriter(Console.OpenStandardOutput());
            var rules = parsed.GetValue(mutation) is { } name ? Catalogue.Find(name) : null;
            void Tell(TimeSpan at, string who, string text)
            {
                stop.ThrowIfCancellationRequested();
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalMilliseconds,12:0.000} {who,-4} {text}"));
            }

            var result = SeededSchedule.Run(parsed.GetValue(seed), parsed.GetValue(nodes), rules, parsed.GetValue(quiet) ? null : Tell);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{result.Events:N0} events, {result.Confirmed:N0} confirmed sends, trace {result.TraceHash:x16}"));
            output.WriteLine(result.Violation is null ? "every promise was kept" : result.Violation.Message);
            return Task.FromResult(result.Violation is null ? 0 : 1);
        });
        return command;
    }
}
