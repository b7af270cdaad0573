using System.Collections.Concurrent;

namespace RaftQueue.Node.Storage;

/// <summary>
/// A thread that waits for the disk, so that none of the pool's has to: the pool has as many as there are cores, and one of them would be missing to everybody else while the disk is slow.
/// </summary>
/// <typeparam name="T">What it is asked for.</typeparam>
internal sealed class DiskThread<T> : IDisposable
{
    private readonly BlockingCollection<T> waiting = [];
    private readonly Thread thread;

    /// <param name="name">What a debugger shows; Linux cuts it at 15 characters.</param>
    /// <param name="run">What it does with what is handed over, until nothing more can come.</param>
    public DiskThread(string name, Action<BlockingCollection<T>> run)
    {
        thread = new Thread(() => run(waiting)) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Hands something over, in order.</summary>
    /// <exception cref="ObjectDisposedException">Nothing more is taken.</exception>
    public void HandOver(T asked)
    {
        ObjectDisposedException.ThrowIf(waiting.IsAddingCompleted, this);
        waiting.Add(asked);
    }

    /// <summary>Waits until what was handed over is done.</summary>
    public void Dispose()
    {
        waiting.CompleteAdding();
        thread.Join();
        waiting.Dispose();
    }
}
