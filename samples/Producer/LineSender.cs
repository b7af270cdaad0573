using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using RaftQueue.Client;
using RaftQueue.Client.Producing;

namespace RaftQueue.Samples.Producer;

/// <summary>
/// Sends lines as they are, byte for byte, without the line feed. Many are on their way at once; a line counts when its confirmation is there. A line whose leader
/// dies is sent again by the client, and stored once.
/// </summary>
internal sealed class LineSender(RaftQueueClient client, string queue, int inFlight)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Queue<Task<SendReceipt>> _unconfirmed = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _reported;
    private long _confirmed;

    public async Task SendAsync(Stream source, CancellationToken stop)
    {
        await client.DeclareQueueAsync(queue, cancellation: stop);
        await using var producer = client.CreateProducer<ReadOnlyMemory<byte>>(queue, new ProducerOptions { MaxInFlight = inFlight });
        await foreach (var line in ReadLinesAsync(source, stop))
        {
            if (_unconfirmed.Count == inFlight)
                await ConfirmOldestAsync();
            _unconfirmed.Enqueue(producer.SendAsync(line, stop));
        }

        while (_unconfirmed.Count > 0)
            await ConfirmOldestAsync();
        Console.Error.WriteLine($"Confirmed {_confirmed:N0} messages in {_clock.Elapsed.TotalSeconds:0.0} s ({_confirmed / _clock.Elapsed.TotalSeconds:N0}/s).");
    }

    private async Task ConfirmOldestAsync()
    {
        await _unconfirmed.Dequeue();
        _confirmed++;
        if (_clock.Elapsed - _reported < ReportInterval)
            return;
        _reported = _clock.Elapsed;
        Console.Error.WriteLine($"{_confirmed,12:N0} confirmed");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync(Stream source, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var reader = PipeReader.Create(source);
        while (true)
        {
            var read = await reader.ReadAsync(stop);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                yield return buffer.Slice(0, end).ToArray();
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (!buffer.IsEmpty)
                    yield return buffer.ToArray(); // the last line may lack its line feed
                break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }

        await reader.CompleteAsync();
    }
}
