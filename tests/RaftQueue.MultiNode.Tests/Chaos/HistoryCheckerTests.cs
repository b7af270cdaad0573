using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.History;

namespace RaftQueue.MultiNode.Tests.Chaos;

/// <summary>The checker sees each kind of wrong once, and nothing wrong where all is well.</summary>
public sealed class HistoryCheckerTests
{
    [Fact]
    public void A_sound_history_is_valid() => Holds(new Story()
        .Sent("a", 1)
        .Sends(["b", "c"], Outcome.Ok, [2, 3])
        .SentInVain("d", Outcome.Refused)
        .SentInVain("e", Outcome.Unknown)
        .Delivered("a", 1, 1).Acked(1, 1)
        .Delivered("b", 2, 2).Released(2, 2)
        .Delivered("c", 3, 3).Acked(3, 3)
        .Delivered("b", 2, 4, to: "other").Acked(2, 4)
        .Delivered("e", 4, 5).Acked(4, 5)
        .Left(0)
        .Replica("n1", 20, "x").Replica("n2", 20, "x").Replica("n3", 20, "x"));

    [Fact]
    public void A_confirmed_message_that_never_comes_out_is_lost() =>
        Breaks<ConfirmedIsNotLost>(new Story().Sent("a", 1).Sent("b", 2).Delivered("a", 1, 1).Acked(1, 1).Left(0));

    [Fact]
    public void A_confirmed_message_that_is_still_in_its_queue_is_not_lost() =>
        Breaks<ProgressAfterFaults>(new Story().Sent("a", 1).Left(1, "a"));

    [Fact]
    public void A_message_under_two_sequences_is_stored_twice() =>
        Breaks<StoredOnce>(new Story().SentInVain("a", Outcome.Unknown).Delivered("a", 1, 1).Delivered("a", 2, 2));

    [Fact]
    public void A_sequence_with_two_messages_is_found() =>
        Breaks<StoredOnce>(new Story().Sent("a", 1).Sent("b", 1, by: "other").Delivered("a", 1, 1).Released(1, 1).Delivered("b", 1, 2));

    [Fact]
    public void A_receipt_that_names_another_sequence_than_the_delivery_is_found() =>
        Breaks<StoredOnce>(new Story().Sent("a", 7).Delivered("a", 1, 1));

    [Fact]
    public void A_refused_message_that_comes_out_is_found() =>
        Breaks<RefusedIsNotStored>(new Story().SentInVain("a", Outcome.Refused).Delivered("a", 1, 1));

    [Fact]
    public void Half_a_batch_is_found() =>
        Breaks<BatchesAreWhole>(new Story().Sends(["a", "b"], Outcome.Unknown, null).Delivered("a", 1, 1).Acked(1, 1).Left(0));

    [Fact]
    public void A_batch_with_another_message_inside_is_found() =>
        Breaks<BatchesAreWhole>(new Story()
            .Sends(["a", "b"], Outcome.Unknown, null).Delivered("a", 1, 1).Acked(1, 1).Delivered("b", 3, 2).Acked(3, 2).Left(0));

    [Fact]
    public void A_producers_messages_in_another_order_are_found() =>
        Breaks<ProducersKeepTheirOrder>(new Story().Sent("a", 2).Sent("b", 1).Delivered("b", 1, 1).Delivered("a", 2, 2));

    [Fact]
    public void First_deliveries_out_of_order_are_found() =>
        Breaks<FirstDeliveriesInOrder>(new Story().Sent("a", 1).Sent("b", 2).Delivered("b", 2, 1).Delivered("a", 1, 2));

    [Fact]
    public void A_first_delivery_that_a_fault_may_have_lost_is_excused() => Holds(new Story()
        .Sent("a", 1).Sent("b", 2).Fault("kill", Stage.Begins).Delivered("b", 2, 2).Fault("kill", Stage.Over).Delivered("a", 1, 3));

    [Fact]
    public void A_lease_younger_than_the_acknowledgement_brings_a_message_back() =>
        Breaks<AcknowledgedNeverReturns>(new Story().Sent("a", 1).Delivered("a", 1, 1).Acked(1, 1).Later(20_000).Delivered("a", 1, 2));

    [Fact]
    public void An_acknowledgement_by_a_lease_that_was_succeeded_is_found() => Breaks<AcknowledgedNeverReturns>(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Later(6_000).Delivered("a", 1, 2, to: "other").Acked(1, 1));

    [Fact]
    public void An_acknowledgement_that_was_refused_may_be_followed_by_a_delivery() => Holds(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Later(6_000).Delivered("a", 1, 2, to: "other").Acked(1, 1, Outcome.Refused).Acked(1, 2));

    [Fact]
    public void A_lease_within_a_lease_is_found() =>
        Breaks<LeasesDoNotOverlap>(new Story().Sent("a", 1).Delivered("a", 1, 1, leaseFrom: 1_000).Later(900).Delivered("a", 1, 2, to: "other", leaseFrom: 2_000));

    [Fact]
    public void A_token_in_two_hands_is_found() =>
        Breaks<LeasesDoNotOverlap>(new Story().Sent("a", 1).Delivered("a", 1, 1).Delivered("a", 1, 1, to: "other"));

    [Fact]
    [Trait("Category", "Fault")]
    public void F02_A_lease_that_is_handed_over_twice_is_found() => Breaks<LeasesAreHandedOverOnce>(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Fault("pause", Stage.Begins).Acked(1, 1).Later(4_800)
        .Delivered("a", 1, 1).Fault("pause", Stage.Over));

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_A_second_hand_over_that_says_one_is_found() => Breaks<HandOversCount>(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Fault("majority killed", Stage.Begins).Later(6_000).Delivered("a", 1, 2, to: "other", count: 1));

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_A_third_hand_over_that_says_two_is_found() => Breaks<HandOversCount>(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Released(1, 1).Delivered("a", 1, 2).Released(1, 2).Delivered("a", 1, 3, count: 2));

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_A_hand_over_that_counts_for_more_than_one_is_sound() => Holds(new Story()
        .Sent("a", 1).Delivered("a", 1, 1).Released(1, 1).Delivered("a", 1, 3, count: 3).Acked(1, 3));

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_An_acknowledgement_that_was_certainly_not_carried_out_and_yet_was_is_found() =>
        Breaks<GoneWasAcknowledged>(new Story().Sent("a", 1).Delivered("a", 1, 1).Acked(1, 1, Outcome.Refused).Left(0));

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_An_acknowledgement_whose_outcome_is_unknown_may_have_been_carried_out() =>
        Holds(new Story().Sent("a", 1).Delivered("a", 1, 1).Acked(1, 1, Outcome.Unknown).Left(0));

    [Fact]
    [Trait("Category", "Fault")]
    public void F06_A_message_that_was_dead_lettered_and_never_handed_over_is_found() =>
        Breaks<NothingIsDeadLetteredUnseen>(new Story().SentInVain("a", Outcome.Unknown).Left(0).DeadLettered("a"));

    [Fact]
    [Trait("Category", "Fault")]
    public void F06_A_message_that_was_handed_over_may_be_dead_lettered() =>
        Holds(new Story().Sent("a", 1).Delivered("a", 1, 1).Left(0).DeadLettered("a"));

    [Fact]
    public void A_confirm_without_a_majority_is_found() => Breaks<NothingConfirmedWithoutMajority>(new Story()
        .Fault("all killed", Stage.Begins, withoutMajority: true).Fault("all killed", Stage.InForce, withoutMajority: true)
        .Sent("a", 1)
        .Fault("all killed", Stage.Heals, withoutMajority: true).Fault("all killed", Stage.Over, withoutMajority: true)
        .Delivered("a", 1, 1));

    [Fact]
    public void Replicas_with_different_digests_are_found() => Breaks<ReplicasAgree>(new Story().Replica("n1", 9, "x").Replica("n2", 9, "y"));

    [Fact]
    public void A_replica_that_is_behind_in_the_end_is_found() => Breaks<ReplicasAgree>(new Story().Replica("n1", 9, "x").Replica("n2", 8, "x"));

    [Fact]
    public void A_cluster_that_does_not_go_on_is_found() => Breaks<ProgressAfterFaults>(new Story().Stuck("nobody leads"));

    [Fact]
    public void A_history_reads_back_as_it_was_written()
    {
        var story = new Story().Sent("a", 1).SentInVain("b", Outcome.Unknown).Delivered("a", 1, 1).Acked(1, 1).Fault("kill", Stage.Begins, true).Left(0).Replica("n1", 3, "x").Stuck("s");
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, story.Events.Select(HistoryFile.Format));
            Assert.Equal(story.Events.Select(HistoryFile.Format), HistoryFile.Read(file).Select(HistoryFile.Format));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Holds(Story story) => Assert.Empty(story.BrokenRules());

    private static void Breaks<TRule>(Story story)
        where TRule : IRule, new() => Assert.Equal([new TRule().Name], story.BrokenRules());
}
