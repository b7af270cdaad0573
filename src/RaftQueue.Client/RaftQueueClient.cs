using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Client.Admin;
using RaftQueue.Client.Connection;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Tls;

namespace RaftQueue.Client;

/// <summary>
/// A connection to a RaftQueue cluster. It finds the leaders by itself, follows them when they change, and retries what can be retried. One
/// client serves a whole application, from any number of threads; dispose it at the end.
/// </summary>
public sealed partial class RaftQueueClient : IAsyncDisposable
{
    private static int s_clients;

    private readonly RaftQueueClientOptions _options;
    private readonly PayloadRegistry _payloads;
    private readonly ClientSystem _system;
    private readonly string _name;
    private readonly IActorRef _connection;
    private readonly IActorRef _calls;
    private readonly IActorRef _pulls;
    private readonly Ending _pullsEnding = new();
    private readonly Caller _caller;
    private readonly ConcurrentDictionary<IAsyncDisposable, bool> _open = new();
    private int _lastChild;
    private int _isDisposed;

    private RaftQueueClient(RaftQueueClientOptions options, ClientSystem system, ConnectionSettings settings, ConnectProgress progress)
    {
        (_options, _system, _payloads) = (options, system, options.Payloads.Copy());
        _name = $"raftqueue-client-{Interlocked.Increment(ref s_clients)}";
        _connection = system.System.ActorOf(ConnectionActor.Props(settings, progress), _name);
        var callsEnding = new Ending();
        _calls = system.System.ActorOf(CallActor.Props(_connection, options.Backoff, callsEnding), $"{_name}-calls");
        _caller = new Caller(_calls, callsEnding, options.RequestTimeout, options.AttemptTimeout);
        _pulls = system.System.ActorOf(PullActor.Props(_connection, _caller, _pullsEnding), $"{_name}-pulls");
        Admin = new ClusterAdmin(_caller, _connection);
    }

    /// <summary>What operators ask of the cluster.</summary>
    public ClusterAdmin Admin { get; }

    /// <summary>Connects with an actor system of the client's own.</summary>
    /// <param name="options">How to connect. Later changes to them have no effect on this client.</param>
    /// <param name="cancellation">Stops connecting.</param>
    /// <returns>A client that at least one node has answered.</returns>
    /// <exception cref="ConnectFailedException">
    /// No node answered in time, or it was known before of all of them that none would.
    /// </exception>
    /// <exception cref="ArgumentException">An option is missing or outside its bounds.</exception>
    /// <exception cref="RaftQueueConfigurationException">A setting of TLS, or a certificate, cannot be used.</exception>
    public static Task<RaftQueueClient> ConnectAsync(RaftQueueClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return ConnectAsync(options, () => ClientSystem.Start(options), TlsSettings.Read(options.SystemConfig).IsEnabled, cancellation);
    }

    /// <summary>Connects as the section <c>raftqueue.client</c> of a configuration says.</summary>
    /// <param name="hocon">The configuration; see the client's <c>reference.conf</c>.</param>
    /// <param name="configure">What cannot be said in HOCON, such as payload types.</param>
    /// <param name="cancellation">Stops connecting.</param>
    /// <returns>A client that at least one node has answered.</returns>
    /// <exception cref="RaftQueueConfigurationException">
    /// A key is unknown or a value is of the wrong type; the error names its path.
    /// </exception>
    /// <exception cref="ConnectFailedException">
    /// No node answered in time, or it was known before of all of them that none would.
    /// </exception>
    public static Task<RaftQueueClient> ConnectAsync(
        Config hocon, Action<RaftQueueClientOptions>? configure = null, CancellationToken cancellation = default)
    {
        var options = RaftQueueClientOptions.From(hocon);
        configure?.Invoke(options);
        return ConnectAsync(options, cancellation);
    }

    /// <summary>
    /// Connects within an actor system of the application, which must have remoting and is left running when the client is disposed.
    /// </summary>
    /// <param name="system">The actor system.</param>
    /// <param name="options">How to connect. Those of the client's own actor system have no effect.</param>
    /// <param name="cancellation">Stops connecting.</param>
    /// <returns>A client that at least one node has answered.</returns>
    /// <exception cref="ConnectFailedException">
    /// No node answered in time, or it was known before of all of them that none would.
    /// </exception>
    /// <exception cref="RaftQueueConfigurationException">
    /// The frame limit of the actor system's remoting is too small for the messages.
    /// </exception>
    public static Task<RaftQueueClient> ConnectAsync(ActorSystem system, RaftQueueClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return ConnectAsync(options, () => ClientSystem.Join(system), ClientSystem.IsEncrypted(system), cancellation);
    }

    /// <summary>A producer for a queue. Each has its own window and order; make one and keep it.</summary>
    /// <typeparam name="T">The type of the payloads: bytes, text, or a type registered in the options.</typeparam>
    /// <param name="queue">The queue, which should exist by the first send.</param>
    /// <param name="options">How it sends; null for the client's own.</param>
    /// <exception cref="UnregisteredTypeException">The type is not registered.</exception>
    public Producer<T> CreateProducer<T>(string queue, ProducerOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        options ??= _options.Producer;
        options.Check();
        var name = Names.Queue(queue);
        var serializer = _payloads.SerializerOf<T>();
        var sendTimeout = options.SendTimeout ?? _options.RequestTimeout;
        var ending = new Ending();
        var settings = new ProducerSettings(name, options, sendTimeout, _options.AttemptTimeout, _options.Backoff);
        var actor = _system.System.ActorOf(ProducerActor.Props(_connection, settings, ending), ChildName("producer"));
        return Keep(new Producer<T>(queue, actor, ending, serializer, sendTimeout, Forget));
    }

    /// <summary>
    /// A streaming subscription of a queue. It opens in the background; what goes wrong with it is seen when messages are read.
    /// </summary>
    /// <typeparam name="T">The type of the payloads: bytes, text, or a type registered in the options.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="options">How it receives; null for the client's own.</param>
    /// <exception cref="UnregisteredTypeException">The type is not registered.</exception>
    public Consumer<T> CreateConsumer<T>(string queue, ConsumerOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        options ??= _options.Consumer;
        options.Check();
        var settings = new ConsumerSettings(Names.Queue(queue), ConsumerId.New(), options, _options.Backoff, _options.CloseTimeout);
        var serializer = _payloads.SerializerOf<T>();
        var (buffer, ending) = (new DeliveryBuffer(options.Prefetch), new Ending());
        var actor = _system.System.ActorOf(ConsumerActor.Props(_connection, _caller, settings, buffer, ending), ChildName("consumer"));
        return Keep(new Consumer<T>(settings, actor, buffer, ending, serializer, _caller, Forget));
    }

    /// <summary>
    /// Closes all consumers and producers as their own disposal does, and then the connection. Pulls that wait end; pulled messages that
    /// are not
    /// settled go back as delivered once more.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Task.WhenAll([ClosePullsAsync(), .. _open.Keys.Select(child => child.DisposeAsync().AsTask())]).ConfigureAwait(false);
        IActorRef[] actors = [_pulls, _calls, _connection];
        await Task.WhenAll(actors.Select(actor => actor.GracefulStop(_options.CloseTimeout))).ConfigureAwait(false);
        await _system.StopAsync().ConfigureAwait(false);
    }

    private static async Task<RaftQueueClient> ConnectAsync(
        RaftQueueClientOptions options, Func<ClientSystem> enter, bool isEncrypted, CancellationToken cancellation)
    {
        var addresses = NodeAddresses.Resolve(options.Nodes, options.SystemName, isEncrypted);
        var settings = new ConnectionSettings(addresses, options.AttemptTimeout, options.Backoff, options.KeepAliveInterval);
        cancellation.ThrowIfCancellationRequested();
        var progress = new ConnectProgress(addresses, options.WaitForNodes);
        var client = new RaftQueueClient(options, enter(), settings, progress);
        try
        {
            await progress.Connected.WaitAsync(options.ConnectTimeout, cancellation).ConfigureAwait(false);
            return client;
        }
        catch (TimeoutException)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw new ConnectFailedException(
                $"No node answered within {options.ConnectTimeout.TotalSeconds:0.###} s. {progress.Description}.", progress.Failures);
        }
        catch (Exception failure) when (failure is OperationCanceledException or ConnectFailedException)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ClosePullsAsync()
    {
        var close = new PullActor.Close(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var end = _pullsEnding.OnEnd(_ => close.Done.TrySetResult());
        _pulls.Tell(close);
        await Task.WhenAny(close.Done.Task, Task.Delay(_options.CloseTimeout)).ConfigureAwait(false);
    }

    private string ChildName(string kind) => $"{_name}-{kind}-{Interlocked.Increment(ref _lastChild)}";

    private T Keep<T>(T child) where T : IAsyncDisposable
    {
        _open.TryAdd(child, true);
        return child;
    }

    private void Forget(IAsyncDisposable child) => _open.TryRemove(child, out _);
}
