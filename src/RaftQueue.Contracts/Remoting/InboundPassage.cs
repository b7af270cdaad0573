using Google.Protobuf;

namespace RaftQueue.Contracts.Remoting;

/// <summary>What one connection of a client has on its way to the gateway: two batches of frames at the most.</summary>
/// <param name="gate">The gate that it passes.</param>
/// <param name="number">Its number there.</param>
/// <param name="mark">The frame that goes behind each batch.</param>
internal sealed class InboundPassage(InboundGate gate, long number, ByteString mark)
{
    private const int MaxBatches = 2;

    private readonly Lock _lock = new();
    private TaskCompletionSource? _room;
    private int _batches;

    /// <summary>Goes behind a batch.</summary>
    public ByteString Mark => mark;

    /// <summary>Waits until the next batch may go on its way.</summary>
    /// <exception cref="TimeoutException">The batches before were not worked off in this time.</exception>
    public async ValueTask BeginAsync(TimeSpan longest, CancellationToken closed)
    {
        if (RoomForNext() is { } room)
            await room.WaitAsync(longest, closed).ConfigureAwait(false);
        lock (_lock)
        {
            if (_batches > 0)
            {
                _batches++; // it still has its turn
                return;
            }
        }

        await gate.Turns.WaitAsync(closed).ConfigureAwait(false);
        lock (_lock)
            _batches = 1;
    }

    /// <summary>The gateway has the mark of the oldest batch.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_batches == 0)
                return;
            if (--_batches == 0)
                gate.Turns.Release();
            if (_batches < MaxBatches)
                _room?.TrySetResult();
        }
    }

    /// <summary>The connection has ended: what is still on its way holds up nobody.</summary>
    public void Close()
    {
        gate.Leave(number);
        lock (_lock)
        {
            if (_batches > 0)
                gate.Turns.Release();
            _batches = 0;
        }
    }

    private Task? RoomForNext()
    {
        lock (_lock)
        {
            if (_batches < MaxBatches)
                return null;
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }
}
