using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Messages come in once each, up to the bounds.</summary>
public sealed class ProducerTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void A_retry_is_answered_as_the_first_time_and_stores_nothing_also_after_a_restore()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 3 });
        var command = new Enqueue(Orders, Alice, 1, IsAtomic: false, Bodies("1", "2", "3", "4"));
        var first = _bench.Do<Enqueued>(command);
        Assert.Equal((3, RefusalCode.QueueFull), (first.Count, first.Refusal!.Code));
        Assert.Equal(first, _bench.Do<Enqueued>(command));
        _bench.Machine = Bench.Copy(_bench.Machine);
        Assert.Equal(first, _bench.Do<Enqueued>(command));
        Assert.Equal(3, _bench.Stats().Ready);
    }

    [Fact]
    public void A_gap_is_refused_and_so_is_a_first_number_other_than_one()
    {
        _bench.Declare();
        _bench.Refuses(new Enqueue(Orders, Alice, 2, true, Bodies("2")), RefusalCode.SequenceGap);
        _bench.Send("1");
        _bench.Refuses(new Enqueue(Orders, Alice, 3, true, Bodies("3")), RefusalCode.SequenceGap);
    }

    [Fact]
    public void A_retry_with_other_boundaries_is_refused_and_stores_nothing()
    {
        _bench.Declare();
        _bench.Send("1", "2", "3");
        _bench.Refuses(new Enqueue(Orders, Alice, 2, true, Bodies("2", "3", "4")), RefusalCode.SequenceForgotten);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies("1")), RefusalCode.SequenceForgotten);
        Assert.Equal(3, _bench.Stats().Ready);
    }

    [Fact]
    public void A_command_older_than_what_is_remembered_is_refused_by_name()
    {
        _bench.Declare();
        for (var i = 0; i <= Bounds.MaxRememberedCommandsPerProducer; i++)
            _bench.Send($"{i}");
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies("0")), RefusalCode.SequenceForgotten);
        _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 2, true, Bodies("1")));
        Assert.Equal(1 + Bounds.MaxRememberedCommandsPerProducer, _bench.Stats().Enqueued);
    }

    [Fact]
    public void A_silent_producer_is_forgotten_by_log_time_and_may_not_go_on()
    {
        _bench.Declare();
        _bench.Send("1");
        _bench.Tick(Bounds.ProducerMemory.TotalSeconds - 1);
        _bench.Send("2");
        _bench.Tick(Bounds.ProducerMemory.TotalSeconds);
        _bench.Refuses(new Enqueue(Orders, Alice, 3, true, Bodies("3")), RefusalCode.SequenceGap);
    }

    [Fact]
    public void Of_a_forgotten_producer_a_retry_is_refused_as_a_gap_and_only_number_one_starts_anew()
    {
        _bench.Declare();
        _bench.Send("1");
        _bench.Send("2");
        _bench.Tick(Bounds.ProducerMemory.TotalSeconds);
        _bench.Refuses(new Enqueue(Orders, Alice, 2, true, Bodies("2")), RefusalCode.SequenceGap);
        Assert.Equal(2, _bench.Stats().Enqueued);
        Assert.Equal(3, _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 1, true, Bodies("1"))).FirstMessage);
    }

    [Fact]
    public void Beyond_the_most_producers_the_one_that_was_silent_for_longest_is_forgotten()
    {
        _bench.Declare();
        var body = Bodies("x");
        for (var i = 1; i <= Bounds.MaxProducers; i++)
            _bench.Send(body, producer: new ProducerId(new Guid(i, 0, 0, new byte[8])));
        _bench.Send(body, producer: new ProducerId(new Guid(1, 0, 0, new byte[8])));
        _bench.Send(body, producer: Alice);

        _bench.Do<Enqueued>(new Enqueue(Orders, new ProducerId(new Guid(1, 0, 0, new byte[8])), 3, true, body));
        _bench.Refuses(new Enqueue(Orders, new ProducerId(new Guid(2, 0, 0, new byte[8])), 2, true, body), RefusalCode.SequenceGap);
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_refused_whole_when_atomic_and_the_next_takes_the_numbers_after_it()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 2 });
        _bench.Send("1");
        _bench.StoresNothing(new Enqueue(Orders, Alice, 2, true, Bodies("2", "3")), RefusalCode.QueueFull);
        _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 4, true, Bodies("4")));
        Assert.Equal(["1", "4"], _bench.PeekTexts());
    }

    [Fact, Trait("Category", "Fault")]
    public void F21_A_command_that_was_refused_for_want_of_room_is_not_stored_by_a_later_attempt_though_there_is_room_by_then()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 1 });
        _bench.Send("1");
        var refused = new Enqueue(Orders, Alice, 2, true, Bodies("2", "3"));
        var answer = _bench.Do<Enqueued>(refused);
        _bench.Do<Purged>(new PurgeQueue(Orders));
        _bench.Machine = Bench.Copy(_bench.Machine);

        Assert.Equal(answer, _bench.Do<Enqueued>(refused));
        Assert.Empty(_bench.PeekTexts());
        _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 4, true, Bodies("4")));
        Assert.Equal(["4"], _bench.PeekTexts());
    }

    [Fact, Trait("Category", "Fault")]
    public void F21_A_command_that_was_refused_because_there_was_no_queue_is_not_stored_by_a_later_attempt_when_there_is_one()
    {
        var refused = new Enqueue(Orders, Alice, 1, true, Bodies("1"));
        _bench.Do<Refused>(refused);
        _bench.Machine = Bench.Copy(_bench.Machine);
        _bench.Declare();
        Assert.Equal(RefusalCode.UnknownQueue, _bench.Do<Refused>(refused).Code);
        Assert.Equal(RefusalCode.UnknownQueue, _bench.Do<Refused>(new Enqueue(Orders, Alice, 2, true, Bodies("2"))).Code);
        Assert.Empty(_bench.PeekTexts());
        Assert.Equal(1, Assert.IsType<Enqueued>(_bench.Send(Bodies("1"), producer: new ProducerId(Guid.NewGuid()))).Count);
        Assert.Equal(1, Assert.IsType<Enqueued>(_bench.Do(new Enqueue(Orders, new ProducerId(Guid.NewGuid()), 1, true, Bodies("2")))).Count);
    }

    [Fact, Trait("Category", "Fault")]
    public void F21_Of_refused_producers_so_many_are_remembered()
    {
        _bench.Do<Refused>(new Enqueue(Orders, Alice, 1, true, Bodies("1")));
        for (var i = 1; i <= Bounds.MaxRefusedProducers; i++)
            _bench.Do<Refused>(new Enqueue(Orders, new ProducerId(new Guid(i, 0, 0, new byte[8])), 1, true, Bodies("1")));
        _bench.Declare();
        Assert.Equal(1, _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 1, true, Bodies("1"))).Count);
        _bench.Do<Refused>(new Enqueue(Orders, new ProducerId(new Guid(1, 0, 0, new byte[8])), 1, true, Bodies("1")));
    }

    [Fact]
    public void The_numbers_of_messages_that_found_no_room_are_used_when_not_atomic()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 2 });
        Assert.Equal(2, Assert.IsType<Enqueued>(_bench.Send(Bodies("1", "2", "3"), isAtomic: false)).Count);
        _bench.Refuses(new Enqueue(Orders, Alice, 3, false, Bodies("3")), RefusalCode.SequenceForgotten);
        Assert.Equal(0, _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 4, false, Bodies("4"))).Count);
    }

    [Fact]
    public void Dropping_the_oldest_makes_exactly_the_room_that_is_needed_and_spares_what_is_held()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 3, Overflow = OverflowPolicy.DropOldest, DeadLetterQueue = Dead });
        _bench.Send("1", "2", "3");
        _bench.Pull(1);
        _bench.Send("4");
        Assert.Equal(["1", "3", "4"], _bench.PeekTexts());
        Assert.Equal(["2"], _bench.PeekTexts(Dead));
        _bench.StoresNothing(new Enqueue(Orders, Alice, 5, true, Bodies("5", "6", "7")), RefusalCode.QueueFull);
        Assert.Equal(3, _bench.Stats().Ready + _bench.Stats().Leased);
    }

    [Fact]
    public void The_bound_in_bytes_is_exact()
    {
        var length = Bodies("1").Bytes.Length;
        _bench.Declare(new QueueOptions { MaxBytes = 2 * length });
        _bench.Send("1", "2");
        Assert.Equal(2 * length, _bench.Stats().Bytes);
        _bench.StoresNothing(new Enqueue(Orders, Alice, 3, true, Bodies("3")), RefusalCode.QueueFull);
        _bench.Do<Purged>(new PurgeQueue(Orders));
        Assert.Equal(0, _bench.Stats().Bytes);
        Assert.Equal(1, _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 4, true, Bodies("4"))).Count);
    }
}
