using System.Globalization;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Producing;

namespace RaftQueue.Samples.QuickStart;

/// <summary>A producer and a consumer that work at the same time, as an application would write them.</summary>
internal sealed class Traffic(RaftQueueClient client, string queue, int messages, Tally tally)
{
    private const int InFlight = 128;

    public async Task SendAsync(CancellationToken stop)
    {
        await using var producer = client.CreateProducer<string>(queue);
        var unconfirmed = new Queue<Task>();
        for (var number = 0; number < messages; number++)
        {
            if (unconfirmed.Count == InFlight)
                await unconfirmed.Dequeue();
            unconfirmed.Enqueue(SendAsync(producer, number, stop));
            tally.NoteSent();
        }

        await Task.WhenAll(unconfirmed);
    }

    public async Task ReceiveAsync(CancellationToken stop)
    {
        await using var consumer = client.CreateConsumer<string>(queue);
        var acknowledgements = new Queue<Task>();
        await foreach (var message in consumer.ReadAllAsync(stop))
        {
            tally.NoteReceived(int.Parse(message.Payload, CultureInfo.InvariantCulture), message.Sequence);
            acknowledgements.Enqueue(AcknowledgeAsync(message));
            if (acknowledgements.Count > InFlight)
                await acknowledgements.Dequeue();
            if (tally.Received == messages)
                break;
        }

        await Task.WhenAll(acknowledgements);
    }

    private async Task SendAsync(Producer<string> producer, int number, CancellationToken stop)
    {
        await producer.SendAsync(number.ToString(CultureInfo.InvariantCulture), stop);
        tally.NoteConfirmed(number);
    }

    private static async Task AcknowledgeAsync(ReceivedMessage<string> message)
    {
        try
        {
            await message.AckAsync();
        }
        catch (StaleLeaseException)
        {
            // It comes again, and is acknowledged then.
        }
    }
}
