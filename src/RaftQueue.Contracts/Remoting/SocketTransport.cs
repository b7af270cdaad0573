using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Client;
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
        _local = new Address(SchemeIdentifier, System.Name, HostName.InAddress(_settings.PublicHostname), _settings.PublicPort > 0 ? _settings.PublicPort : bound.Port);
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
            await socket.ConnectAsync(HostName.Unbracketed(remoteAddress.Host!), remoteAddress.Port!.Value, limit.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return Connect(remoteAddress, _tls is null ? stream : await _tls.CallAsync(stream, remoteAddress).ConfigureAwait(false), DialOf(Named(remoteAddress)));
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            socket.Dispose();
            var why = Explain(Named(remoteAddress), failure);
            Report(Named(remoteAddress), why);
            throw new InvalidAssociationException($"{remoteAddress} cannot be reached: {why.Reason}", failure);
        }
    }

    // As everybody but a transport writes it.
    private static Address Named(Address address) => address.WithProtocol($"akka.{address.Protocol}");

    private ConnectFailure Explain(Address dialled, Exception failure) => failure switch
    {
        SocketException socket => ConnectFailure.Of(dialled.ToString(), socket),
        TlsFailedException tls => new ConnectFailure(dialled.ToString(), tls.Kind, tls.Message),
        OperationCanceledException => new ConnectFailure(
            dialled.ToString(), ConnectFailureKind.TimedOut, $"no connection came about within {_settings.ConnectTimeout.TotalSeconds} s"),
        _ => new ConnectFailure(dialled.ToString(), ConnectFailureKind.Other, failure.Message),
    };

    // Says what comes of a connection that was dialled, once.
    private Action<string?> DialOf(Address dialled)
    {
        var isTold = false;
        return claimed =>
        {
            if (isTold)
                return;
            isTold = true;
            if (claimed is null)
                Report(dialled, new ConnectFailure(dialled.ToString(), ConnectFailureKind.Closed, ClosedEarly));
            else if (Address.TryParse($"{dialled.Protocol}://{claimed}", out var own))
                System.EventStream.Publish(new PeerGreeted(dialled, own));
            else
                Report(dialled, new ConnectFailure(dialled.ToString(), ConnectFailureKind.Other, "what answers there is no node"));
        };
    }

    private string ClosedEarly => _tls is null
        ? $"it closed the connection before it said who it is; a node that uses TLS does so to a peer that does not ({TlsSettings.Section}.enabled), and so does what is no node"
        : "it closed the connection after the TLS handshake; a node does so to a peer whose certificate it refuses, and its log says why";

    private void Report(Address dialled, ConnectFailure failure)
    {
        if (!_stopping.IsCancellationRequested)
            System.EventStream.Publish(new ConnectFailed(dialled, failure));
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
        void Greeted(string? claimed) => _handshakes.Leave(entered);
        try
        {
            Sockets.Apply(_settings, socket);
            var peer = (IPEndPoint)socket.RemoteEndPoint!;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_tls is not null)
                stream = await _tls.AnswerAsync(stream, peer).ConfigureAwait(false);
            var connection = Connect(new Address(SchemeIdentifier, System.Name, HostName.InAddress(peer.Address.ToString()), peer.Port), stream, Greeted);
            _ = connection.WhenClosed.ContinueWith(_ => Interlocked.Decrement(ref _inbound), TaskScheduler.Default);
            associations.Notify(new InboundAssociation(connection));
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
        {
            Interlocked.Decrement(ref _inbound);
            Greeted(null);
            _log.Debug("A connection came to nothing: {0}", failure.Message);
            socket.Dispose();
        }
    }

    private Connection Connect(Address peer, Stream stream, Action<string?> whenGreeted)
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
