using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>A queue that holds messages back from consumers with credit can be told from one that is idle.</summary>
public sealed class StalledMachineTests
{
    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_a_consumer_with_credit_beside_a_message_that_is_not_assigned_is_found()
    {
        var machine = QueueMachine.Restore(StalledSnapshot(out var pieces), name => pieces[name], loadsSegments: true, Tiny);
        Assert.Equal((Orders, Bob), machine.FindUnserved());
        machine.Apply(machine.AppliedIndex.Next, machine.Now, new Subscribe(Orders, Bob, 1, TimeSpan.Zero)); // anything that touches the queue
        Assert.Null(machine.FindUnserved());
        Assert.Single(machine.HeldBy(Orders, Bob));
    }

    [Fact]
    public void Consumers_that_have_what_they_can_get_are_not_unserved()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send(Block(new Text("a", Group: "g"), new Text("b", Group: "g")));
        bench.Subscribe(Bob, prefetch: 10);
        Assert.Single(bench.Held(Bob)); // the second of its group waits for the first
        Assert.Null(bench.Machine.FindUnserved());
        bench.Subscribe(Carol, prefetch: 10);
        Assert.Null(bench.Machine.FindUnserved());
    }

    // No command leads there; so it is put together by hand.
    private static ReadOnlyMemory<byte> StalledSnapshot(out Dictionary<string, ReadOnlyMemory<byte>> pieces)
    {
        var state = new MachineState(Tiny);
        var queue = state.Add(Orders, QueueOptions.Default);
        queue.Backlog.Append(new Arrival(0, state.Segments.Append([0, 0, 1, (byte)'m']), null, null, null, null));
        var consumer = new Consumer(Bob, order: 1, isPull: false) { Prefetch = 1, LeaseTime = 1_000 };
        queue.Consumers.Add(consumer);
        queue.Consumers.Refresh(consumer);
        queue.Consumers.LastOrder = 1;
        var capture = SnapshotWriter.Capture(state);
        pieces = capture.NewPieces.ToDictionary(piece => piece.Name, piece => piece.Bytes);
        return capture.Manifest;
    }
}
