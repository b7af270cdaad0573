using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>One entry works on a bounded number of messages; the next ones continue, and nobody sees what is not finished.</summary>
[Trait("Category", "Fault")]
public sealed class BoundedWorkTests
{
    private const int Most = 5;
    private const int Deep = 43;

    private readonly Bench _bench = new(new QueueMachine(Given.Tiny with { MaxWork = Most }));

    [Fact]
    public void F14_Mass_expiry_takes_many_entries_and_what_has_expired_is_never_delivered()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Given.Dead, TimeToLive = Given.Seconds(1) });
        SendMany();
        _bench.Pass(2);
        _bench.Subscribe(Given.Bob, prefetch: 100);
        Assert.Equal(Deep - Most, _bench.Stats().Ready);
        var entries = Finish(() => (int)_bench.Stats().DeadLettered);

        Assert.Equal((Deep - 1) / Most, entries);
        Assert.Empty(_bench.Held(Given.Bob));
        Assert.Equal((0L, (long)Deep), (_bench.Stats().Ready, _bench.Stats(Given.Dead).Ready));
        Assert.Equal(Bodies, _bench.PeekTexts(Given.Dead));
        _bench.Send("fresh");
        Assert.Equal(["fresh"], _bench.Texts(_bench.Held(Given.Bob)));
    }

    [Fact]
    public void F14_Mass_falling_due_takes_many_entries_and_keeps_the_order()
    {
        _bench.Declare(new QueueOptions { Delay = Given.Seconds(1) });
        SendMany();
        _bench.Pass(2);
        Finish(() => Deep - (int)_bench.Stats().Delayed);
        _bench.Subscribe(Given.Bob, prefetch: 100);
        Finish(() => _bench.Held(Given.Bob).Count);
        Assert.Equal(Bodies, _bench.Texts(_bench.Held(Given.Bob)));
    }

    [Fact]
    public void F14_A_mass_of_leases_that_end_takes_many_entries_and_a_lease_that_is_over_cannot_be_used()
    {
        _bench.Declare();
        SendMany();
        _bench.Subscribe(Given.Bob, prefetch: 100, lease: Given.Seconds(1));
        Finish(() => _bench.Held(Given.Bob).Count);
        Assert.Equal(Deep, _bench.Held(Given.Bob).Count);
        var last = _bench.Held(Given.Bob)[^1];
        _bench.Do<Subscribed>(new Subscribe(Given.Orders, Given.Bob, 1, TimeSpan.Zero));

        _bench.Pass(2);
        Assert.Equal(RefusalCode.StaleLease, Assert.Single(_bench.Settle(Given.Bob, Given.Ack(last)).Refused).Refusal.Code);
        Assert.Equal(Deep - Most, _bench.Stats().Leased);
        var extended = _bench.Do<Extended>(new Extend(Given.Orders, Given.Bob, [last.Token], Given.Seconds(9)));
        Assert.Equal(RefusalCode.StaleLease, Assert.Single(extended.Refused).Refusal.Code);
        Finish(() => Deep - (int)_bench.Stats().Leased, isCounted: false);
        Assert.Equal((1L, Deep - 1L), (_bench.Stats().Leased, _bench.Stats().Ready));
    }

    [Fact]
    public void F14_A_consumer_with_much_credit_is_served_over_many_entries()
    {
        _bench.Declare();
        SendMany();
        _bench.Subscribe(Given.Bob, prefetch: 100);
        Assert.Equal(Most, _bench.Held(Given.Bob).Count);
        Assert.Equal((Deep - 1) / Most, Finish(() => _bench.Held(Given.Bob).Count));
        Assert.Equal(Bodies, _bench.Texts(_bench.Held(Given.Bob)));
    }

    [Fact]
    public void F14_A_deep_group_that_is_blocked_is_passed_over_many_entries()
    {
        _bench.Declare();
        foreach (var body in Bodies)
            _bench.Send(Given.Block(new Given.Text(body, Group: "one")));
        _bench.Send("other");
        _bench.Subscribe(Given.Bob, prefetch: 100);
        Assert.Equal([Bodies[0]], _bench.Texts(_bench.Held(Given.Bob)));
        var entries = Finish(() => _bench.Held(Given.Bob).Count);
        Assert.Equal(Deep / Most, entries);
        Assert.Equal([Bodies[0], "other"], _bench.Texts(_bench.Held(Given.Bob)));
    }

    [Fact]
    public void F14_A_pull_without_a_wait_is_not_answered_as_empty_while_work_is_left()
    {
        _bench.Declare(new QueueOptions { TimeToLive = Given.Seconds(1) });
        SendMany();
        _bench.Pass(0.9);
        _bench.Send("fresh");
        _bench.Pass(0.2);
        Assert.Null(_bench.Do(new Receive(Given.Orders, Given.Bob, 1, TimeSpan.Zero, TimeSpan.Zero)));
        Assert.Empty(_bench.Effects);
        var answers = new List<QueueEffect.Answer>();
        while (answers.Count == 0)
        {
            _bench.Tick();
            answers.AddRange(_bench.Effects.OfType<QueueEffect.Answer>());
        }

        Assert.Equal(["fresh"], _bench.Texts(Assert.Single(answers).Leases));
    }

    [Fact]
    public void F14_Work_that_is_left_is_due_at_once_and_survives_a_restore()
    {
        _bench.Declare(new QueueOptions { TimeToLive = Given.Seconds(1) });
        SendMany();
        _bench.Tick(2);
        var store = new SnapshotStore();
        var restored = store.Restore(store.Take(_bench.Machine), Given.Tiny with { MaxWork = Most });
        Assert.True(restored.NextDue <= restored.Now);
        for (; _bench.Machine.NextDue is not null; _bench.Tick())
            restored.Apply(restored.AppliedIndex.Next, _bench.Now, Tick.Instance);
        Assert.Equal(_bench.Machine.Digest(), restored.Digest());
    }

    private static string[] Bodies { get; } = [.. Enumerable.Range(1, Deep).Select(number => $"m{number}")];

    private void SendMany() => _bench.Send(Bodies);

    /// <summary>Ticks until no work is left; no entry does more than it may.</summary>
    /// <returns>How many ticks it took.</returns>
    private int Finish(Func<int> done, bool isCounted = true)
    {
        var entries = 0;
        for (var before = done(); _bench.Machine.NextDue <= _bench.Now || entries == 0; before = done())
        {
            _bench.Tick();
            entries++;
            Assert.InRange(done() - before, isCounted ? 0 : int.MinValue, Most);
            Assert.True(entries < 10 * Deep, "The work ends.");
        }

        return entries;
    }
}
