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
/// One connection: two loops, one that reads frames and hands them on, and one that writes what has gathered since its last write. Both run on the thread pool, where
/// the actors run as well, so that a frame on its way from a socket to an actor wakes no thread that belongs to the network alone.
/// </summary>
internal sealed class Connection : AssociationHandle
{
    // What leaves in one write at the most, but for its last frame; and the most that is kept of the room for it.
    private const int WriteBytes = 256 * 1024;
    private const int KeptBytes = 1024 * 1024;

    // A peer that does not read must not keep a connection from closing.
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    private readonly Stream _stream;
    private readonly int _largestFrame;
    private readonly ILoggingAdapter _log;
    private readonly ThrottledLog _warnings;
    private readonly CancellationTokenSource _closed = new();
    private readonly Channel<ByteString> _leaving = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });

    /// <param name="local">Our address.</param>
    /// <param name="remote">The peer's; where it connected to us, its socket's, because it has not told another yet.</param>
    /// <param name="stream">What connects the two; closed with this.</param>
    /// <param name="largestFrame">The most bytes of a frame.</param>
    /// <param name="log">Where it is logged that the connection has ended.</param>
    /// <param name="warnings">Where it is logged that a peer sent what cannot be understood.</param>
    public Connection(Address local, Address remote, Stream stream, int largestFrame, ILoggingAdapter log, ThrottledLog warnings)
        : base(local, remote)
    {
        (_stream, _largestFrame, _log, _warnings) = (stream, largestFrame, log, warnings);
        WhenClosed = RunAsync();
    }

    /// <summary>Completes when both directions have come to their end; never fails.</summary>
    public Task WhenClosed { get; }

    /// <inheritdoc />
    public override bool Write(ByteString payload) => _leaving.Writer.TryWrite(payload);

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
        if (ReadHandlerSource.Task is { IsCompletedSuccessfully: true, Result: var listener })
            listener.Notify(new Disassociated(DisassociateInfo.Unknown));
    }

    private Task SendAsync() => UntilClosedAsync(async closed =>
    {
        var room = new ArrayBufferWriter<byte>();
        while (await _leaving.Reader.WaitToReadAsync(closed).ConfigureAwait(false))
        {
            while (room.WrittenCount < WriteBytes && _leaving.Reader.TryRead(out var payload))
                Frame.Write(payload, room);
            await _stream.WriteAsync(room.WrittenMemory, closed).ConfigureAwait(false);
            if (room.Capacity > KeptBytes)
                room = new ArrayBufferWriter<byte>();
            room.ResetWrittenCount();
        }
    });

    private Task ReceiveAsync() => UntilClosedAsync(async closed =>
    {
        var listener = await ReadHandlerSource.Task.WaitAsync(closed).ConfigureAwait(false);
        using var frames = new FrameReader(_largestFrame);
        while (await _stream.ReadAsync(frames.Room(), closed).ConfigureAwait(false) is > 0 and var bytes)
        {
            frames.Advance(bytes);
            while (frames.TryTake(out var payload))
                listener.Notify(new InboundPayload(payload));
        }
    });

    // Off the caller's thread from the start: it is an actor's, or the one that accepts connections.
    private async Task UntilClosedAsync(Func<CancellationToken, Task> work)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work(_closed.Token).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            _log.Debug("The connection between {0} and {1} has ended: {2}", LocalAddress, RemoteAddress, broken.Message);
        }
        catch (InvalidDataException nonsense)
        {
            _warnings.Warning(
                "frame",
                RemoteAddress.Host,
                $"The connection from {RemoteAddress.Host}:{RemoteAddress.Port} is closed, because what it sends is not Akka's: {nonsense.Message}.");
        }
    }
}
