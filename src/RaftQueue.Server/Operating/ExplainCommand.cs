using System.CommandLine;
using System.Globalization;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Server.Operating;

/// <summary>Tells what became of one message, out of the log.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var configs = ConfigOption.Create("A client's HOCON file, such as hocon/client.conf.");
        var queue = new Option<string>("--queue") { Description = "The queue.", HelpName = "name", Required = true };
        var sequence = new Option<long>("--sequence") { Description = "The message, by its sequence in the queue.", HelpName = "number", Required = true };
        var command = new Command("explain", "Tells what became of a message, for as far back as the log is kept.") { configs, queue, sequence };
        command.SetAction((parsed, stop) => Failures.ReportAsync(
            () => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(queue)!, parsed.GetValue(sequence), stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string queue, long sequence, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        var explained = await client.ExplainAsync(queue, sequence, stop);
        Console.WriteLine(Beginning(explained));
        foreach (var happened in explained.Events)
            Console.WriteLine($"{At(happened.At)}  entry {happened.Index}: {Sentence(happened)}");
        if (!explained.IsComplete)
            Console.WriteLine($"There were more than {Bounds.MaxMessageEvents} events; later ones are left out.");
        Console.WriteLine($"Now, as of entry {explained.Through}: {Standing(explained.Now)}.");
        return ExitCodes.Success;
    }

    private static string Beginning(Explained explained) => explained.Since == LogIndex.Zero
        ? $"Message {explained.Sequence} of queue {explained.Queue}. The whole log is kept."
        : $"Message {explained.Sequence} of queue {explained.Queue}. The kept history begins after entry {explained.Since}, {At(explained.SinceTime)}: {Standing(explained.Before)} then.";

    private static string Standing(MessageStanding standing) => standing switch
    {
        MessageStanding.NotEnqueued => "it was not enqueued yet",
        MessageStanding.Ready => "it waited for a consumer",
        MessageStanding.Delayed => "it waited for its time",
        MessageStanding.Leased => "a consumer held it",
        MessageStanding.Gone => "it was gone",
        _ => "it stood where only a newer version knows",
    };

    private static string Sentence(MessageEvent happened) => happened.Kind switch
    {
        MessageEventKind.Enqueued => $"enqueued by producer {happened.Producer}{(happened.Until is { } due ? $", due at {At(due)}" : "")}",
        MessageEventKind.ArrivedAsDeadLetter => $"came as a dead letter, from message {happened.OtherSequence} of queue {happened.Other}: {Why(happened)}",
        MessageEventKind.ArrivedByRedrive => $"came by a redrive, from message {happened.OtherSequence} of queue {happened.Other}",
        MessageEventKind.Delivered => $"delivered to consumer {happened.Consumer} under token {happened.Token}, delivery {happened.DeliveryCount}, until {At(happened.Until!.Value)}",
        MessageEventKind.Extended => $"lease {happened.Token} of consumer {happened.Consumer} extended until {At(happened.Until!.Value)}",
        MessageEventKind.Released => $"released by consumer {happened.Consumer}",
        MessageEventKind.LeaseEnded => $"lease {happened.Token} of consumer {happened.Consumer} ended without its word",
        MessageEventKind.ConsumerEnded => $"given back, because consumer {happened.Consumer} ended or was gone",
        MessageEventKind.Acknowledged => $"acknowledged by consumer {happened.Consumer} under token {happened.Token}",
        MessageEventKind.Rejected => $"rejected by consumer {happened.Consumer}: {Quoted(happened.Reason)}",
        MessageEventKind.DeadLettered => $"dead-lettered to {Place(happened)}: {Why(happened)}",
        MessageEventKind.LetGo => $"let go, as the queue has no dead-letter queue: {Why(happened)}",
        MessageEventKind.Redriven => $"redriven to {Place(happened)}",
        MessageEventKind.TransferConfirmed => $"arrived in queue {happened.Other}",
        MessageEventKind.Purged => "purged with its queue",
        MessageEventKind.QueueDeleted => "deleted with its queue",
        _ => "something happened that only a newer version knows",
    };

    private static string Place(MessageEvent happened) => happened.OtherSequence > 0
        ? $"queue {happened.Other}, as message {happened.OtherSequence} there"
        : $"queue {happened.Other} of another group";

    private static string Why(MessageEvent happened) => $"{happened.Cause}, {Quoted(happened.Reason)}";

    private static string Quoted(string reason) => $"\"{reason}\"";

    private static string At(LogTime time) => time.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);
}
