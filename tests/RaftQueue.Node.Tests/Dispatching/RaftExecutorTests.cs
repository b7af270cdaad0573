using Akka.Dispatch;
using RaftQueue.Node.Dispatching;
using Xunit;

namespace RaftQueue.Node.Tests.Dispatching;

/// <summary>The work of Raft runs on the thread pool, and where that is full, without it.</summary>
[Trait("Category", "Fault")]
public sealed class RaftExecutorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task F15_What_a_full_thread_pool_does_not_begin_runs_on_a_thread_of_its_own_and_once()
    {
        var stuck = new List<IThreadPoolWorkItem>();
        var executor = new RaftExecutor("test", stuck.Add);
        var ran = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var times = 0;

        executor.Execute(new Work(() =>
        {
            Interlocked.Increment(ref times);
            ran.TrySetResult(Thread.CurrentThread.Name);
        }));

        Assert.Equal("raftqueue-raft", await ran.Task.WaitAsync(Patience));
        stuck.ForEach(item => item.Execute()); // the pool comes to it at last
        Assert.Equal(1, times);
        executor.Shutdown();
    }

    [Fact]
    public async Task F15_What_the_pool_has_begun_is_not_run_again()
    {
        var executor = new RaftExecutor("test", item => item.Execute());
        var ran = new List<int>();
        for (var i = 0; i < 100; i++)
            executor.Execute(new Work(() => ran.Add(Environment.CurrentManagedThreadId)));
        Assert.Equal(Enumerable.Repeat(Environment.CurrentManagedThreadId, 100), ran);

        // What is late comes after all of them.
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = new RaftExecutor("stuck", _ => { });
        stuck.Execute(new Work(late.SetResult));
        await late.Task.WaitAsync(Patience);
        Assert.Equal(100, ran.Count);
        executor.Shutdown();
        stuck.Shutdown();
    }

    private sealed class Work(Action run) : IRunnable
    {
        public void Run() => run();

        public void Execute() => run();
    }
}
