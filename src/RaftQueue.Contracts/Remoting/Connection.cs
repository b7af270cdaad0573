using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;
using RaftQueue.Contracts.Diagnostics;

namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// One connection: two loops, one that reads frames and hands them on, and one that writes what has gathered since its last write. Both run
/// on the thread pool, where the actors run as well, so that a frame on its way from a socket to an actor wakes no thread that belongs to
/// the network alone.
/// </summary>
/// <remarks>
/// What waits to be written is bounded (<see cref="SendBudget"/>), and so is what a client has on its way to the gateway (<see
/// cref="InboundGate"/>). A peer that does not read is closed. Connections of other nodes are bounded by Raft itself.
/// </remarks>
internal sealed class Connection : AssociationHandle
{
    // What leaves in one write at the most, but for its last frame; and the most that is kept of the room for it.
    private const int WriteBytes = 256 * 1024;
    private const int KeptBytes = 1024 * 1024;

    // Akka's handshake has some 100 bytes.
    private const int LargestFirstFrame = 16 * 1024;

    // A peer that does not read must not keep a connection from closing.
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(10);

    private readonly Stream _stream;
    private readonly ConnectionLimits _limits;
    private readonly ILoggingAdapter _log;
    private readonly ThrottledLog _warnings;
    private readonly Action<string?> _whenGreeted;
    private readonly CancellationTokenSource _closed = new();
    private readonly Channel<ByteString> _leaving =
        Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });

    private string? _peer;
    private long _held;
    private long _writingSince;

    /// <param name="local">Our address.</param>
    /// <param name="remote">The peer's; where it connected to us, its socket's, because it has not told another yet.</param>
    /// <param name="stream">What connects the two; closed with this.</param>
    /// <param name="limits">What bounds it.</param>
    /// <param name="whenGreeted">
    /// Called when the first frame has come, with the address that the peer claims, as "system@host:port"; and with null when the
    /// connection has ended.
    /// </param>
    /// <param name="log">Where it is logged that the connection has ended.</param>
    /// <param name="warnings">Where it is logged that a peer does not do what it should.</param>
    public Connection(
        Address local,
        Address remote,
        Stream stream,
        ConnectionLimits limits,
        Action<string?> whenGreeted,
        ILoggingAdapter log,
        ThrottledLog warnings)
        : base(local, remote)
    {
        (_stream, _limits, _whenGreeted, _log, _warnings) = (stream, limits, whenGreeted, log, warnings);
        WhenClosed = RunAsync();
    }

    /// <summary>Completes when both directions have come to their end; never fails.</summary>
    public Task WhenClosed { get; }

    private string Named => $"The connection from {RemoteAddress.Host}:{RemoteAddress.Port}";

    private bool IsOfNode => _limits.Peers.Contains(_peer);

    /// <inheritdoc />
    public override bool Write(ByteString payload)
    {
        if (_leaving.Reader.Completion.IsCompleted)
            return false;
        if (IsStuck())
            return GiveUp($"it has not read for {LongestWrite.TotalSeconds} s");
        if (!_limits.Sending.TryHold(Interlocked.Read(ref _held), payload.Length))
        {
            if (!IsOfNode)
                return GiveUp($"it does not read as fast as it asks, and {Interlocked.Read(ref _held)} bytes wait for it already");
            _limits.Sending.Hold(payload.Length);
        }

        Interlocked.Add(ref _held, payload.Length);
        if (_leaving.Writer.TryWrite(payload))
            return true;
        Release(payload.Length);
        return false;
    }

    /// <inheritdoc />
    [Obsolete("The base class wants it; callers give a reason.")]
    public override void Disassociate() => Close();

    /// <summary>Sends what was written before, as far as the peer takes it, and closes.</summary>
    public void Close()
    {
        if (_leaving.Writer.TryComplete())
            _closed.CancelAfter(LongestFlush);
    }

    private async Task RunAsync()
    {
        var (sending, receiving) = (SendAsync(), ReceiveAsync());
        await Task.WhenAny(sending, receiving).ConfigureAwait(false);
        _leaving.Writer.TryComplete();
        await _closed.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(sending, receiving).ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        while (_leaving.Reader.TryRead(out var unsent))
            Release(unsent.Length);
        _whenGreeted(null);
        if (ReadHandlerSource.Task is { IsCompletedSuccessfully: true, Result: var listener })
            listener.Notify(new Disassociated(DisassociateInfo.Unknown));
    }

    private Task SendAsync() => UntilClosedAsync(async closed =>
    {
        var room = new ArrayBufferWriter<byte>();
        while (await _leaving.Reader.WaitToReadAsync(closed).ConfigureAwait(false))
        {
            var taken = 0L;
            while (room.WrittenCount < WriteBytes && _leaving.Reader.TryRead(out var payload))
            {
                Frame.Write(payload, room);
                taken += payload.Length;
            }

            try
            {
                Volatile.Write(ref _writingSince, Environment.TickCount64);
                await _stream.WriteAsync(room.WrittenMemory, closed).ConfigureAwait(false);
            }
            finally
            {
                Volatile.Write(ref _writingSince, 0);
                Release(taken);
            }

            if (room.Capacity > KeptBytes)
                room = new ArrayBufferWriter<byte>();
            room.ResetWrittenCount();
        }
    });

    private Task ReceiveAsync() => UntilClosedAsync(async closed =>
    {
        using var frames = new FrameReader(LargestFirstFrame);
        if (await ReadFirstAsync(frames, closed).ConfigureAwait(false) is not { } listener)
            return;
        var passage = default(InboundPassage);
        try
        {
            do
            {
                passage = PassageOf(passage);
                while (await HandOnAsync(frames, listener, passage, closed).ConfigureAwait(false))
                {
                }
            }
            while (await ReadAsync(frames, closed).ConfigureAwait(false));
        }
        finally
        {
            passage?.Close();
        }
    });

    // The listener, once the first frame has come and is handed on; null where none has.
    private async Task<IHandleEventListener?> ReadFirstAsync(FrameReader frames, CancellationToken closed)
    {
        using var handshake = CancellationTokenSource.CreateLinkedTokenSource(closed);
        handshake.CancelAfter(_limits.LongestHandshake);
        var listener = await ReadHandlerSource.Task.WaitAsync(handshake.Token).ConfigureAwait(false);
        while (await ReadAsync(frames, handshake.Token).ConfigureAwait(false))
        {
            if (!frames.TryTake(out var first))
                continue;
            _peer = HandshakeFrame.OriginOf(first) ?? "";
            _whenGreeted(_peer);
            frames.Largest = _limits.LargestFrame;
            listener.Notify(new InboundPayload(first));
            return listener;
        }

        return null;
    }

    private async ValueTask<bool> ReadAsync(FrameReader frames, CancellationToken stop)
    {
        var bytes = await _stream.ReadAsync(frames.Room(), stop).ConfigureAwait(false);
        frames.Advance(bytes);
        return bytes > 0;
    }

    // A client that turns out to be a node, because it has joined meanwhile, passes freely from then on.
    private InboundPassage? PassageOf(InboundPassage? passage)
    {
        if (!IsOfNode)
            return passage ?? _limits.Gate.Enter();
        passage?.Close();
        return null;
    }

    // A batch of frames; false where there was none.
    private static async ValueTask<bool> HandOnAsync(
        FrameReader frames, IHandleEventListener listener, InboundPassage? passage, CancellationToken closed)
    {
        if (!frames.TryTake(out var payload))
            return false;
        if (passage is not null)
            await passage.BeginAsync(LongestBatch, closed).ConfigureAwait(false);
        var (count, bytes) = (0, 0);
        do
        {
            listener.Notify(new InboundPayload(payload));
            (count, bytes) = (count + 1, bytes + payload.Length);
        }
        while (count < InboundGate.BatchFrames && bytes < InboundGate.BatchBytes && frames.TryTake(out payload));
        if (passage is not null)
            listener.Notify(new InboundPayload(passage.Mark));
        return true;
    }

    private bool IsStuck() =>
        Volatile.Read(ref _writingSince) is > 0 and var since && Environment.TickCount64 - since > LongestWrite.TotalMilliseconds;

    private bool GiveUp(string why)
    {
        if (!_leaving.Writer.TryComplete())
            return false;
        var count = _limits.CountGivenUp();
        _warnings.Warning("unread", RemoteAddress.Host, $"{Named} is closed, because {why} ({count} closed so since the start).");
        _closed.CancelAfter(TimeSpan.Zero); // not on this thread
        return false;
    }

    private void Release(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        _limits.Sending.Release(bytes);
    }

    // Off the caller's thread from the start: it is an actor's, or the one that accepts connections.
    private async Task UntilClosedAsync(Func<CancellationToken, Task> work)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work(_closed.Token).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _log.Debug("The connection between {0} and {1} has ended: {2}", LocalAddress, RemoteAddress, broken.Message);
        }
        catch (TimeoutException)
        {
            var longest = LongestBatch.TotalSeconds;
            _warnings.Warning("batch", RemoteAddress.Host, $"{Named} is closed, because what it sent was not worked off within {longest} s.");
        }
        catch (InvalidDataException nonsense)
        {
            _warnings.Warning("frame", RemoteAddress.Host, $"{Named} is closed, because what it sends is not Akka's: {nonsense.Message}.");
        }
    }
}
