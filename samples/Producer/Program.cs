// Sends each line of a file, or of standard input, as a message.
//
//   dotnet run --project samples/Producer -- --config hocon/client.conf --queue numbers --file numbers.txt

using System.CommandLine;
using RaftQueue.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Samples.Producer;

var config = new Option<string>("--config") { Description = "The client's HOCON file.", HelpName = "file", Required = true };
var queue = new Option<string>("--queue") { Description = "The queue; it is declared where it does not exist.", HelpName = "name", Required = true };
var file = new Option<FileInfo?>("--file") { Description = "The file to send; without it standard input.", HelpName = "file" };
var inFlight = new Option<int>("--in-flight")
{
    Description = "The most messages that are sent and not confirmed yet.",
    HelpName = "number",
    DefaultValueFactory = _ => 4096,
};
var root = new RootCommand("Sends each line of a file, or of standard input, as a message.") { config, queue, file, inFlight };
root.SetAction(async (parsed, stop) =>
{
    try
    {
        await using var client = await RaftQueueClient.ConnectAsync(HoconFile.Load(parsed.GetValue(config)!), cancellation: stop);
        await using var lines = parsed.GetValue(file)?.OpenRead() ?? Console.OpenStandardInput();
        await new LineSender(client, parsed.GetValue(queue)!, parsed.GetValue(inFlight)).SendAsync(lines, stop);
        return 0;
    }
    catch (Exception problem) when (problem is RaftQueueException or RaftQueueConfigurationException or IOException or UnauthorizedAccessException
                                    or ArgumentException or OperationCanceledException)
    {
        Console.Error.WriteLine($"producer: {problem.Message.ReplaceLineEndings(" ")}");
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
