using System.Data.Common;
using System.Text;
using Akka.Actor;
using Akka.Persistence;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public abstract partial class StorageContract
{
    [Fact]
    public virtual async Task Events_are_recovered_in_order_after_a_restart()
    {
        var events = Enumerable.Range(0, 100).Select(n => Encoding.UTF8.GetBytes($"event {n}")).Append([]).ToArray();
        await using (var first = Start())
        {
            var actor = first.Remember("raftqueue/0");
            for (var n = 0; n < events.Length; n++)
                Assert.Equal(n + 1, await actor.Ask<long>(events[n], Deadline));
        }
        await using var second = Start();
        Assert.Equal(events, await second.Remember("raftqueue/0").Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
    }

    [Fact]
    public virtual async Task Large_events_of_several_actors_that_share_a_transaction_are_all_stored()
    {
        const int Groups = 8;
        var large = new byte[1 << 20];
        Random.Shared.NextBytes(large);
        await using (var first = Start())
        {
            var actors = Enumerable.Range(0, Groups).Select(group => first.Remember($"raftqueue/{group}")).ToArray();
            await Task.WhenAll(actors.Select(actor => actor.Ask<long>(new byte[] { 1 }, Deadline)));
            await Task.WhenAll(actors.Select(actor => actor.Ask<long>(large, Deadline)));
        }
        await using var second = Start();
        foreach (var group in Enumerable.Range(0, Groups))
        {
            var recovered = await second.Remember($"raftqueue/{group}").Ask<byte[][]>(new RememberingActor.Recall(), Deadline);
            Assert.Equal(2, recovered.Length);
            Assert.True(large.AsSpan().SequenceEqual(recovered[1]), $"Group {group} recovered other bytes.");
        }
    }

    [Fact]
    public virtual async Task Deleted_events_stay_deleted_and_their_numbers_are_not_used_again()
    {
        await using (var first = Start())
        {
            var done = new TaskCompletionSource<object>();
            var actor = first.Remember("raftqueue/0", first.Listen(done));
            for (byte n = 1; n <= 5; n++)
                await actor.Ask<long>(new[] { n }, Deadline);
            actor.Tell(new RememberingActor.Forget(Through: 5));
            Assert.Equal(5, Assert.IsType<DeleteMessagesSuccess>(await done.Task.WaitAsync(Deadline)).ToSequenceNr);
        }
        await using var second = Start();
        var again = second.Remember("raftqueue/0");
        Assert.Empty(await again.Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
        Assert.Equal(6, await again.Ask<long>(new byte[] { 6 }, Deadline));
    }

    [Fact]
    public virtual async Task A_failed_write_reaches_the_actor_as_a_persist_failure()
    {
        await using var node = Start();
        var failure = new TaskCompletionSource<object>();
        var actor = node.Remember("raftqueue/0", node.Listen(failure));
        Assert.Equal(1, await actor.Ask<long>(new byte[] { 1 }, Deadline));
        Execute("journal", $"alter table {Table("journal")} rename to elsewhere");
        actor.Tell(new byte[] { 2 });
        Assert.IsAssignableFrom<DbException>(Assert.IsType<Status.Failure>(await failure.Task.WaitAsync(Deadline)).Cause);
    }
}
