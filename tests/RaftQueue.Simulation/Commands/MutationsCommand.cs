using System.CommandLine;
using System.Globalization;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Mutations;
using Spectre.Console;

namespace RaftQueue.Simulation.Commands;

/// <summary><c>mutations</c>: breaks each rule in turn and looks for the first seed that shows it. Exit code 1 when one is not caught.</summary>
public static class MutationsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var most = new Option<int>("--seeds") { Description = "How many seeds to try for each.", DefaultValueFactory = _ => 10_000 };
        var first = new Option<ulong>("--first-seed") { Description = "The first of them.", DefaultValueFactory = _ => 1 };
        var only = new Option<string?>("--only") { Description = "The name of one mutation; by default all of them." };
        only.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && Catalogue.Find(name) is null)
                result.AddError(Catalogue.NoSuch(name));
        });
        var theme = new Option<Theme?>("--theme") { Description = "Only schedules of this theme: quicker, for a break that needs one." };
        var command = new Command("mutations", "Break each rule, and show that a checker sees it.") { most, first, only, theme };
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var chosen = parsed.GetValue(only) is { } name ? [Catalogue.Find(name)!] : Catalogue.All;
            return Go(chosen, parsed.GetValue(first), parsed.GetValue(most), parsed.GetValue(theme), stop);
        }));
        return command;
    }

    private static int Go(IReadOnlyList<Mutation> mutations, ulong first, int most, Theme? theme, CancellationToken stop)
    {
        var uncaught = 0;
        Console.WriteLine("| mutation | the rule it breaks | how | seed | after | caught by |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var mutation in mutations)
        {
            if (Catch(mutation, first, most, theme, stop) is { Violation: { } violation } caught)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {mutation.Name} | {mutation.Rule} | {mutation.Break} | {caught.Seed} | {caught.Seed - first + 1} | {violation.Checker} |"));
                continue;
            }

            if (stop.IsCancellationRequested)
                return 2;
            uncaught++;
            Console.WriteLine($"| {mutation.Name} | {mutation.Rule} | {mutation.Break} | - | {most} | NOT CAUGHT |");
        }

        Console.WriteLine();
        Console.WriteLine(uncaught == 0 ? $"all {mutations.Count} mutations were caught" : $"{uncaught} of {mutations.Count} mutations were not caught");
        return uncaught == 0 ? 0 : 1;
    }

    private static Engine.SeedResult? Catch(Mutation mutation, ulong first, int most, Theme? theme, CancellationToken stop)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
            return Catalogue.Catch(mutation, first, most, theme, stop);
        return AnsiConsole.Status().Start(mutation.Rule, _ => Catalogue.Catch(mutation, first, most, theme, stop));
    }
}
