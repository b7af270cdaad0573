using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Dispatch;

namespace RaftQueue.Node.Dispatching;

/// <summary>
/// Where the actors of Raft and of remoting run: on the thread pool, as all others do, because a hand-over to another thread costs a commit
/// more than anything else in it; but what the pool has not begun within a few milliseconds is begun by a thread that does nothing else. So
/// no work of clients can keep a heartbeat waiting.
/// </summary>
internal sealed class RaftExecutor : ExecutorService
{
    // Much shorter than a heartbeat interval, much longer than the pool takes when it is not overloaded.
    private const int Patience = 5;

    // While the pool is known to be late, it is given no more time than the clock can tell.
    private const int ShortPatience = 1;
    private const int LateFor = 1_000;

    private readonly ConcurrentQueue<WorkItem> _handedOver = new();
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly Action<IThreadPoolWorkItem> _toPool;
    private volatile bool _isAsleep;
    private volatile bool _isShutDown;

    /// <param name="id">The dispatcher's.</param>
    /// <param name="toPool">Hands work to the thread pool.</param>
    public RaftExecutor(string id, Action<IThreadPoolWorkItem>? toPool = null)
        : base(id)
    {
        _toPool = toPool ?? (item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: true));
        new Thread(RunWhatIsLate) { Name = "raftqueue-raft", IsBackground = true }.Start();
    }

    /// <inheritdoc />
    public override void Execute(IRunnable run)
    {
        var item = new WorkItem(run);
        _handedOver.Enqueue(item);
        _toPool(item);
        if (_isAsleep)
            _wake.Set();
    }

    /// <inheritdoc />
    public override void Shutdown()
    {
        _isShutDown = true;
        _wake.Set();
    }

    private void RunWhatIsLate()
    {
        var lateUntil = 0L;
        while (!_isShutDown)
        {
            if (!_handedOver.TryPeek(out var oldest))
            {
                Sleep();
                continue;
            }

            var now = Environment.TickCount64;
            var wait = oldest.HandedOverAt + (now < lateUntil ? ShortPatience : Patience) - now;
            if (!oldest.IsBegun && wait > 0)
            {
                Thread.Sleep((int)wait);
                continue;
            }

            _handedOver.TryDequeue(out _);
            if (oldest.TryRun())
                lateUntil = Environment.TickCount64 + LateFor;
        }
    }

    // First for a moment only: to be woken by each item would cost as much as a hand-over.
    private void Sleep()
    {
        Thread.Sleep(Patience);
        if (!_handedOver.IsEmpty)
            return;
        _wake.Reset();
        _isAsleep = true;
        if (_handedOver.IsEmpty && !_isShutDown)
            _wake.Wait();
        _isAsleep = false;
    }

    /// <summary>A turn of an actor; the first thread that reaches it runs it.</summary>
    private sealed class WorkItem(IRunnable run) : IThreadPoolWorkItem
    {
        private int _isBegun;

        public long HandedOverAt { get; } = Environment.TickCount64;

        public bool IsBegun => Volatile.Read(ref _isBegun) != 0;

        public void Execute() => TryRun();

        public bool TryRun()
        {
            if (Interlocked.Exchange(ref _isBegun, 1) != 0)
                return false;
            run.Run();
            return true;
        }
    }
}

/// <summary>How Akka makes the executor: the dispatcher <see cref="RaftDispatcher.Id"/> names this class.</summary>
/// <param name="config">The dispatcher's section.</param>
/// <param name="prerequisites">Akka's.</param>
internal sealed class RaftExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc />
    public override ExecutorService Produce(string id) => new RaftExecutor(id);
}

/// <summary>The dispatcher of Raft's actors.</summary>
internal static class RaftDispatcher
{
    /// <summary>Where it is configured.</summary>
    public const string Id = "akka.actor.raftqueue-dispatcher";
}
