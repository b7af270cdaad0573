using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using RaftQueue.Benchmarks.Systems;

namespace RaftQueue.Benchmarks.Load;

/// <summary>How messages are sent: as fast as a window lets it, or by the clock.</summary>
internal sealed class Sending(LoadOptions options, Latency confirms)
{
    private readonly GapMeter _gap = new();
    private int _confirmed;

    /// <summary>Confirmed so far.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>The longest time in which nothing was confirmed, in milliseconds.</summary>
    public double LongestGapMs => _gap.LongestMs;

    /// <summary>Sends everything, each sender an equal share, and completes when all is confirmed.</summary>
    public Task FloodAsync(IReadOnlyList<ISender> senders) => Task.WhenAll(senders.Select((sender, place) => Task.Run(() => FloodAsync(
        sender, ShareOf(place, senders.Count), ShareOf(place + 1, senders.Count)))));

    /// <summary>Sends each message at its time, and completes when all is confirmed. Who is late sends at once; its latency counts from its time.</summary>
    public async Task KeepRateAsync(IReadOnlyList<ISender> senders)
    {
        var sent = new TaskCompletionSource<Task[]>();
        var clock = new Thread(() =>
        {
            var start = Stamp.Now;
            var sends = new Task[options.Count];
            for (var number = 0; number < options.Count; number++)
            {
                var due = start + (long)((double)number / options.Rate * Stopwatch.Frequency);
                WaitUntil(due);
                var body = new byte[options.Size];
                Stamp.Write(body, number, due);
                sends[number] = SendAsync(senders[number % senders.Count], body, due);
            }

            sent.SetResult(sends);
        })
        { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        clock.Start();
        await Task.WhenAll(await sent.Task);
    }

    private int ShareOf(int place, int of) => (int)((long)options.Count * place / of);

    private async Task FloodAsync(ISender sender, int from, int to)
    {
        // A body that is free is a place in the window.
        var free = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        for (var place = 0; place < options.Window; place++)
            free.Writer.TryWrite(new byte[options.Size]);
        for (var number = from; number < to; number++)
        {
            var body = await free.Reader.ReadAsync();
            var now = Stamp.Now;
            Stamp.Write(body, number, now);
            _ = SendAndFreeAsync(sender, body, now, free.Writer);
        }

        for (var place = 0; place < options.Window; place++)
            await free.Reader.ReadAsync();
    }

    private async Task SendAndFreeAsync(ISender sender, byte[] body, long start, ChannelWriter<byte[]> free)
    {
        try
        {
            await SendAsync(sender, body, start);
            free.TryWrite(body);
        }
        catch (Exception failure)
        {
            free.TryComplete(failure); // the run ends with it
        }
    }

    private async Task SendAsync(ISender sender, byte[] body, long start)
    {
        await sender.SendAsync(body);
        confirms.RecordSince(start);
        if (options.Workload == Workload.Failover)
            _gap.Progress();
        Interlocked.Increment(ref _confirmed);
    }

    private static void WaitUntil(long due)
    {
        while (due - Stamp.Now is > 0 and var left)
            _ = Microsleep((uint)Math.Max(1, left * 1_000_000 / Stopwatch.Frequency));
    }

    // A thread's own sleep cannot be shorter than a millisecond, which is longer than what is measured.
    [DllImport("libc", EntryPoint = "usleep")]
    private static extern int Microsleep(uint microseconds);
}
