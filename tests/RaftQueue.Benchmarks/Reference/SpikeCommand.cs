using System.CommandLine;
using System.Globalization;

namespace RaftQueue.Benchmarks.Reference;

/// <summary>The verb <c>spike</c>: how fast this machine replicates with nothing around it, just now.</summary>
internal static class SpikeCommand
{
    public static Command Create()
    {
        var command = new Command("spike", "Replicates batches over TCP into SQLite with nothing around it: what this machine can do, just now.");
        var count = new Option<int>("--count") { Description = "Messages.", DefaultValueFactory = _ => 200_000 };
        command.Options.Add(count);
        command.SetAction(parsed =>
        {
            var cost = BareLoop.Measure(parsed.GetValue(count));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{cost.MessagesPerSecond:N0} messages/s, {cost.CpuPerMillion:0.0} CPU seconds for a million"));
        });
        return command;
    }
}
