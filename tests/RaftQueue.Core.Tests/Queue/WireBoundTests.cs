using System.Security.Cryptography;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>
/// Every answer with a list in it is bounded in bytes as well as in number: whatever the state, it passes a remote frame.
/// </summary>
[Trait("Category", "Fault")]
public sealed class WireBoundTests
{
    private static readonly string LongReason = new('\u20AC', Bounds.MaxReasonLength); // three bytes each
    private readonly Bench _bench = new(new QueueMachine());

    [Fact]
    public void F07_Ten_thousand_queues_with_long_names_are_listed_in_pages_that_pass()
    {
        var names = LongNames(Bounds.MaxQueues);
        var deadLetters = names[0];
        _bench.Declare(queue: deadLetters);
        foreach (var name in names.Skip(1))
            _bench.Declare(new QueueOptions { DeadLetterQueue = deadLetters, MaxMessages = long.MaxValue, MaxBytes = long.MaxValue }, name);

        var listed = Pages("");

        Assert.Equal(names, listed.SelectMany(page => page.Queues).Select(stats => stats.Queue));
        Assert.All(listed, AssertPasses);
        Assert.All(listed.SkipLast(1), page => Assert.InRange(Size(page), Bounds.MaxPageBytes / 4, Bounds.MaxPageBytes));
    }

    [Fact]
    public void F07_A_page_of_queues_ends_with_the_last_name_of_its_prefix()
    {
        foreach (var name in new[] { "a-1", "b-1", "b-2", "b-3", "c-1" })
            _bench.Declare(queue: new QueueName(name));
        var page = (QueueList)_bench.Machine.Query(new ListQueues("b-", new QueueName("b-1")));
        Assert.Equal(["b-2", "b-3"], page.Queues.Select(stats => stats.Queue.Value));
        Assert.False(page.HasMore);
        Assert.Empty(((QueueList)_bench.Machine.Query(new ListQueues("b-", new QueueName("b-3")))).Queues);
    }

    [Fact]
    public void F07_A_peek_into_dead_letters_with_the_longest_reasons_passes()
    {
        DeadLetter(Bounds.MaxReceive, LongReason);
        var peeked = (Peeked)_bench.Machine.Query(new Peek(Dead, 1, Bounds.MaxReceive));
        AssertPasses(peeked);
        Assert.Equal(peeked.Deliveries.Count, peeked.DeadLetters.Length);
        Assert.InRange(peeked.DeadLetters.Length, 100, Bounds.MaxReceive - 1); // bounded in bytes before it is in number

        var rest = (Peeked)_bench.Machine.Query(new Peek(Dead, peeked.DeadLetters[^1].Sequence + 1, Bounds.MaxReceive));
        Assert.Equal(peeked.DeadLetters[^1].Sequence + 1, rest.DeadLetters[0].Sequence);
    }

    [Fact]
    public void F07_A_peek_at_the_smallest_messages_passes()
    {
        _bench.Declare();
        _bench.Send([.. Enumerable.Repeat("", Bounds.MaxMessagesPerCommand)]);
        var peeked = (Peeked)_bench.Machine.Query(new Peek(Orders, 1, Bounds.MaxReceive));
        Assert.Equal(Bounds.MaxReceive, peeked.Deliveries.Count);
        AssertPasses(peeked);
    }

    [Fact]
    public void F07_As_many_refused_settlements_as_one_command_can_hold_are_answered_in_one_frame()
    {
        _bench.Declare();
        var stale = Enumerable.Range(0, Bounds.MaxSettlementsPerCommand)
            .Select(i => new Settlement(SettlementKind.Ack, long.MaxValue - i, long.MaxValue - i, ""));
        var settled = _bench.Settle(Bob, [.. stale]);
        Assert.Equal(Bounds.MaxSettlementsPerCommand, settled.Refused.Length);
        AssertPasses(settled);

        var tokens = Enumerable.Range(0, Bounds.MaxSettlementsPerCommand).Select(i => long.MaxValue - i);
        var extended = _bench.Do<Extended>(new Extend(Orders, Bob, [.. tokens], Seconds(10)));
        Assert.Equal(Bounds.MaxSettlementsPerCommand, extended.Refused.Length);
        AssertPasses(extended);
    }

    [Theory]
    [InlineData(Bounds.MaxSettlementsPerCommand, true)]
    [InlineData(Bounds.MaxSettlementsPerCommand + 1, false)]
    public void F07_Settlements_and_extensions_beyond_the_bound_are_refused_before_they_are_logged(int count, bool isTaken)
    {
        var settlements = Enumerable.Repeat(new Settlement(SettlementKind.Ack, 1, 1, ""), count);
        var settle = CommandCodec.Encode(new Settle(Orders, Bob, 0, [.. settlements]));
        var extend = CommandCodec.Encode(new Extend(Orders, Bob, [.. Enumerable.Repeat(1L, count)], Seconds(10)));
        Assert.Equal(isTaken, CommandCodec.TryDecode(settle, out _, out var problem));
        Assert.Equal(isTaken, CommandCodec.TryDecode(extend, out _, out _));
        Assert.Equal(isTaken ? "" : $"number of settlements is {count}, but must be 1 to {Bounds.MaxSettlementsPerCommand}", problem);
    }

    [Fact]
    public void F07_A_dead_letter_cycle_through_all_queues_is_refused_with_its_two_ends()
    {
        var names = LongNames(Bounds.MaxQueues - 1);
        for (var i = 0; i < names.Count - 1; i++)
            _bench.Declare(new QueueOptions { DeadLetterQueue = names[i + 1] }, names[i]);
        var refused = _bench.Do<Refused>(new DeclareQueue(names[^1], new QueueOptions { DeadLetterQueue = names[0] }));
        Assert.Equal(RefusalCode.DeadLetterCycle, refused.Code);
        Assert.Contains($"({names.Count + 1 - 16} more)", refused.Message);
        Assert.InRange(refused.Message.Length, 16 * QueueName.MaxLength, 20 * QueueName.MaxLength);
    }

    [Fact]
    public void F07_A_transfer_of_dead_letters_with_the_longest_reasons_is_a_command_within_its_bound()
    {
        DeadLetter(Bounds.MaxReceive, LongReason, group: new GroupId(1));
        var transfer = _bench.Machine.Pack(Dead, new GroupId(0), Bounds.MaxChunkBytes)!.Transfer;
        Assert.InRange(transfer.Origins.Length, 10, Bounds.MaxMessagesPerCommand / 4);
        Assert.InRange(CommandCodec.Encode(transfer).Length, 1, Bounds.MaxCommandBytes);
    }

    [Fact]
    public void F15_A_forged_manifest_that_claims_more_pieces_than_it_has_bytes_for_is_damage()
    {
        byte[] body = [.. "RQSM"u8, QueueMachine.Version, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        byte[] manifest = [.. body, .. SHA256.HashData(body)];
        var damage = Assert.Throws<DamagedSnapshotException>(() => SnapshotManifest.PieceNames(manifest));
        Assert.Contains($"claims {int.MaxValue} items, but only 0 bytes follow", damage.Message);
    }

    private static List<QueueName> LongNames(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new QueueName($"{i:d5}-{new string('q', QueueName.MaxLength - 6)}"))];

    private List<QueueList> Pages(string prefix)
    {
        var pages = new List<QueueList> { (QueueList)_bench.Machine.Query(new ListQueues(prefix)) };
        while (pages[^1].HasMore)
            pages.Add((QueueList)_bench.Machine.Query(new ListQueues(prefix, pages[^1].Queues[^1].Queue)));
        return pages;
    }

    private void DeadLetter(int count, string reason, GroupId? group = null)
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead }, deadLetterGroup: group);
        if (group is null)
            _bench.Declare(queue: Dead);
        for (var left = count; left > 0; left -= 512)
        {
            _bench.Send([.. Enumerable.Repeat("x", 512)]);
            var held = _bench.Pull(512, consumer: Bob);
            _bench.Settle(Bob, [.. held.Select(lease => new Settlement(SettlementKind.Reject, lease.Sequence, lease.Token, reason))]);
        }
    }

    private static int Size(IReply reply) => WireCodec.Encode(new ClientReply(long.MaxValue, reply)).Length;

    private static void AssertPasses(IReply reply) => Assert.InRange(Size(reply), 1, Bounds.MaxWireBytes);
}
