// Writes the messages of a queue to standard output, in order, a line each.
//
//   dotnet run --project samples/Consumer -- --config hocon/client.conf --queue numbers --until-empty > received.txt

using System.CommandLine;
using RaftQueue.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Samples.Consumer;

var config = new Option<string>("--config") { Description = "The client's HOCON file.", HelpName = "file", Required = true };
var queue = new Option<string>("--queue") { Description = "The queue.", HelpName = "name", Required = true };
var count = new Option<long?>("--count") { Description = "Stop after so many messages.", HelpName = "number" };
var untilEmpty = new Option<bool>("--until-empty") { Description = "Stop when the queue is empty." };
var root = new RootCommand("Writes the messages of a queue to standard output, in order, a line each.") { config, queue, count, untilEmpty };
root.Validators.Add(result =>
{
    if (result.GetValue(count) is null == !result.GetValue(untilEmpty))
        result.AddError("Either --count or --until-empty says when to stop.");
    if (result.GetValue(count) < 1)
        result.AddError("--count is at least 1.");
});
root.SetAction(async (parsed, stop) =>
{
    try
    {
        await using var client = await RaftQueueClient.ConnectAsync(HoconFile.Load(parsed.GetValue(config)!), cancellation: stop);
        await using var output = Console.OpenStandardOutput();
        var written = await new LineWriter(client, parsed.GetValue(queue)!, output).WriteAsync(parsed.GetValue(count), stop);
        Console.Error.WriteLine($"Wrote and acknowledged {written:N0} messages.");
        return 0;
    }
    catch (Exception problem) when (problem is RaftQueueException or RaftQueueConfigurationException or IOException or ArgumentException or OperationCanceledException)
    {
        Console.Error.WriteLine($"consumer: {problem.Message.ReplaceLineEndings(" ")}");
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
