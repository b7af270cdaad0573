using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Tls;

namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// Akka's remoting over plain sockets: the same addresses, settings and bytes on the wire as Akka's own TCP transport, with which it can be mixed in one cluster. That one
/// has event loops with threads of their own, and each message has to wake one of them on its way in and on its way out; for a message that nothing else keeps busy
/// threads for, that is a third of what it costs (docs/performance-log.md).
/// </summary>
internal sealed class SocketTransport : Transport
{
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly TransportSettings _settings;
    private readonly TlsHandshake? _tls;
    private readonly ILoggingAdapter _log;
    private readonly ThrottledLog _warnings;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly ConnectionLimits _limits;
    private readonly Handshakes _handshakes;
    private int _inbound;
    private long _turnedAway;
    private Address? _local;

    /// <summary>Makes it the transport of an actor system.</summary>
    public static Config Default { get; } = ConfigurationFactory.FromResource<SocketTransport>("RaftQueue.Contracts.Remoting.reference.conf");

    /// <param name="system">Whose remoting this is.</param>
    /// <param name="config">Its <c>akka.remote.dot-netty.tcp</c>.</param>
    public SocketTransport(ActorSystem system, Config config)
    {
        (System, Config, _settings) = (system, config, TransportSettings.Read(config, system.Settings.Config));
        _log = Logging.GetLogger(system, this);
        _handshakes = new Handshakes(_settings.MaxHandshakes);
        _limits = new ConnectionLimits(
            _settings.LargestFrame,
            _settings.LongestHandshake,
            new SendBudget(_settings.SendBufferLimit),
            TransportPeers.Of(system),
            InboundGate.Of(system));
        _warnings = new ThrottledLog(_log, TimeProvider.System);
        _tls = _settings.IsEncrypted ? TlsHandshake.Of(system, _warnings) : null;
        SchemeIdentifier = _settings.IsEncrypted ? "ssl.tcp" : "tcp";
        MaximumPayloadBytes = _settings.LargestFrame;
    }

    /// <inheritdoc />
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        var listener = Sockets.Listen(_settings);
        var bound = (IPEndPoint)listener.LocalEndPoint!;
        var host = _settings.PublicHostname.Length > 0 ? _settings.PublicHostname : bound.Address.ToString();
        _local = new Address(SchemeIdentifier, System.Name, host, _settings.PublicPort > 0 ? _settings.PublicPort : bound.Port);
        var whenHeard = new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = AcceptAllAsync(listener, whenHeard.Task);
        return Task.FromResult((_local, whenHeard));
    }

    /// <inheritdoc />
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc />
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(_settings.ConnectTimeout);
            Sockets.Apply(_settings, socket);
            await socket.ConnectAsync(remoteAddress.Host!, remoteAddress.Port!.Value, limit.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return Connect(remoteAddress, _tls is null ? stream : await _tls.CallAsync(stream, remoteAddress).ConfigureAwait(false), whenGreeted: () => { });
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            socket.Dispose();
            var reason = failure is OperationCanceledException ? $"no connection within {_settings.ConnectTimeout.TotalSeconds} s" : failure.Message;
            throw new InvalidAssociationException($"{remoteAddress} cannot be reached: {reason}", failure);
        }
    }

    /// <inheritdoc />
    public override async Task<bool> Shutdown()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var connection in _connections.Keys)
            connection.Close();
        try
        {
            await Task.WhenAll(_connections.Keys.Select(connection => connection.WhenClosed)).WaitAsync(LongestShutdown).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task AcceptAllAsync(Socket listener, Task<IAssociationEventListener> whenHeard)
    {
        using (listener)
        {
            try
            {
                var associations = await whenHeard.WaitAsync(_stopping.Token).ConfigureAwait(false);
                while (true)
                {
                    if (await AcceptAsync(listener).ConfigureAwait(false) is { } socket && HasRoomFor(socket))
                        _ = WelcomeAsync(socket, associations);
                }
            }
            catch (OperationCanceledException)
            {
                _log.Debug("Nobody is let in any more.");
            }
            catch (Exception failure)
            {
                _log.Error(failure, "No connection can be accepted any more: {0}", failure.Message);
                System.EventStream.Publish(new ListenerFailed(failure));
            }
        }
    }

    // A connection that breaks while it is accepted, or a process without a free descriptor, is no reason to let nobody in from then on.
    private async Task<Socket?> AcceptAsync(Socket listener)
    {
        try
        {
            return await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            _warnings.Warning("accept", null, $"A connection could not be accepted: {failure.Message}");
            await Task.Delay(AcceptPause, _stopping.Token).ConfigureAwait(false);
            return null;
        }
    }

    private bool HasRoomFor(Socket socket)
    {
        if (Interlocked.Increment(ref _inbound) <= _settings.MaxConnections)
            return true;
        Interlocked.Decrement(ref _inbound);
        socket.Dispose();
        _turnedAway++;
        _warnings.Warning(
            "full", "", $"Connections are turned away, because {_settings.MaxConnections} are open ({TransportSettings.Section}.max-connections); so far {_turnedAway}.");
        return false;
    }

    private async Task WelcomeAsync(Socket socket, IAssociationEventListener associations)
    {
        var entered = _handshakes.Enter(socket.Dispose);
        void Greeted() => _handshakes.Leave(entered);
        try
        {
            Sockets.Apply(_settings, socket);
            var peer = (IPEndPoint)socket.RemoteEndPoint!;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_tls is not null)
                stream = await _tls.AnswerAsync(stream, peer).ConfigureAwait(false);
            var connection = Connect(new Address(SchemeIdentifier, System.Name, peer.Address.ToString(), peer.Port), stream, Greeted);
            _ = connection.WhenClosed.ContinueWith(_ => Interlocked.Decrement(ref _inbound), TaskScheduler.Default);
            associations.Notify(new InboundAssociation(connection));
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
        {
            Interlocked.Decrement(ref _inbound);
            Greeted();
            _log.Debug("A connection came to nothing: {0}", failure.Message);
            socket.Dispose();
        }
    }

    private Connection Connect(Address peer, Stream stream, Action whenGreeted)
    {
        var connection = new Connection(_local!, peer, stream, _limits, whenGreeted, _log, _warnings);
        _connections[connection] = true;
        _ = connection.WhenClosed.ContinueWith(_ => _connections.TryRemove(connection, out var _), TaskScheduler.Default);
        if (_stopping.IsCancellationRequested)
            connection.Close();
        return connection;
    }
}

/// <summary>The transport accepts no connection any more, although it was not told to stop.</summary>
internal sealed record ListenerFailed(Exception Cause);
