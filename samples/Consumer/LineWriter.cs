using RaftQueue.Client;
using RaftQueue.Client.Consuming;

namespace RaftQueue.Samples.Consumer;

/// <summary>
/// Writes first, acknowledges then. A message that comes again, because a node died before the acknowledgement was confirmed, is acknowledged again and not
/// written again: its sequence tells.
/// </summary>
internal sealed class LineWriter(RaftQueueClient client, string queue, Stream output)
{
    private const int Prefetch = 2048;
    private const int MaxUnflushed = 256;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly BufferedStream _lines = new(output, 64 * 1024);
    private readonly List<ReceivedMessage<byte[]>> _unflushed = [];
    private readonly Acknowledgements _acknowledgements = new();
    private long _written;

    /// <summary>Writes until there are <paramref name="count"/>, or else until the queue is empty.</summary>
    /// <returns>How many were written; all of them are acknowledged.</returns>
    public async Task<long> WriteAsync(long? count, CancellationToken stop)
    {
        var consumer = client.CreateConsumer<byte[]>(queue, new ConsumerOptions { Prefetch = Prefetch });
        var messages = consumer.GetAsyncEnumerator(stop);
        Task<bool>? next = null;
        try
        {
            while (_written < (count ?? long.MaxValue))
            {
                next = messages.MoveNextAsync().AsTask();
                if (!next.IsCompleted || _unflushed.Count >= MaxUnflushed)
                    await FlushAsync(stop);
                if (!await HasComeAsync(next, isEmptyAnEnd: count is null, stop) || !await next)
                    break;
                await TakeAsync(messages.Current, stop);
            }

            await FlushAsync(stop);
            await _acknowledgements.WaitAsync(stop);
            return _written;
        }
        finally
        {
            await consumer.DisposeAsync(); // what was prefetched goes back, and the enumeration ends
            if (next is not null)
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await messages.DisposeAsync();
        }
    }

    private async Task TakeAsync(ReceivedMessage<byte[]> message, CancellationToken stop)
    {
        _unflushed.Add(message);
        if (!_acknowledgements.IsFirst(message))
            return;
        await _lines.WriteAsync(message.Payload, stop);
        _lines.WriteByte((byte)'\n');
        _written++;
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        await _lines.FlushAsync(stop);
        foreach (var message in _unflushed)
            _acknowledgements.Start(message);
        _unflushed.Clear();
    }

    // Silence may mean that the queue is empty, or that there is no leader just now: the stats tell, and wait for one.
    private async Task<bool> HasComeAsync(Task<bool> next, bool isEmptyAnEnd, CancellationToken stop)
    {
        while (await Task.WhenAny(next, Task.Delay(Quiet, stop)) != next)
        {
            stop.ThrowIfCancellationRequested();
            if (isEmptyAnEnd && await IsEmptyAsync(stop))
                return next.IsCompleted;
        }

        return true;
    }

    private async Task<bool> IsEmptyAsync(CancellationToken stop)
    {
        await _acknowledgements.WaitAsync(stop);
        var stats = await client.GetQueueStatsAsync(queue, stop);
        return stats.Ready + stats.Leased == 0;
    }
}
