using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// How a group begins. The paper takes the first configuration for given; but a server whose data was wiped looks like one on its first day, and two such servers
/// that formed a group of their own would forget what a third still has. So only the first of the listed members founds, and only when every other has answered that
/// it knows nothing of the group. It writes down the lives that answered: whoever is wiped later is found out.
/// </summary>
/// <remarks>
/// Nobody else ever begins with members: the others learn them from the log, which opens with them. Should the founder be wiped, somebody who has entries says so, and
/// the founder waits to be taken in. Should nobody have any, nothing was committed, for that takes a majority; then founding anew loses nothing. What may still be on its
/// way from its former life does no harm: without that life the majorities of the group it meant and those of the new one have a voter in common. A group may have
/// moved on to other servers, while all of its first members were wiped: its members speak to those, and who was spoken to so says that there is a group.
/// </remarks>
internal static class Founder
{
    /// <summary>Whether this server is the one that founds, and knows nothing of a group yet.</summary>
    public static bool IsDue(StepBuilder step)
    {
        var members = step.Options.FirstMembers;
        return !members.IsEmpty && members.Min() == step.Self.Node && IsIgnorant(step);
    }

    /// <summary>At every election timeout the founder asks who is there, until all have answered.</summary>
    public static void CallRoll(StepBuilder step)
    {
        step.RollCall ??= RollCall.Begun;
        foreach (var node in step.Options.FirstMembers)
        {
            if (node != step.Self.Node)
                step.Send(node, Incarnation.Unknown, new FoundingCall(step.Self.Group, step.CurrentTerm));
        }

        FoundWhenComplete(step);
    }

    public static void Answer(StepBuilder step, Envelope envelope) => step.Send(
        envelope.From, envelope.FromIncarnation, new FoundingReply(step.Self.Group, step.CurrentTerm, IsIgnorant(step)));

    /// <summary>Whoever speaks for the group without being one of its first members has become one by its log: there is a group, though all of the first have lost it.</summary>
    public static void Notice(StepBuilder step, Envelope envelope)
    {
        var members = step.Options.FirstMembers;
        if (step.Log.IsBlank && !members.IsEmpty && !members.Contains(envelope.From) && envelope.Message is not FoundingCall)
            step.KnowsOfGroup = true;
    }

    /// <summary>An answer to a call of this life of ours. The latest of each member counts.</summary>
    public static void Count(StepBuilder step, Envelope envelope, FoundingReply reply)
    {
        if (step.RollCall is not { } roll || !IsDue(step) || !step.Options.FirstMembers.Contains(envelope.From))
            return;
        step.RollCall = roll.With(envelope.From, envelope.FromIncarnation, reply);
        FoundWhenComplete(step);
    }

    private static bool IsIgnorant(StepBuilder step) => step.Log.IsBlank && !step.KnowsOfGroup;

    private static void FoundWhenComplete(StepBuilder step)
    {
        var members = step.Options.FirstMembers;
        if (step.RollCall!.Blank.Length + 1 < members.Length)
            return;
        var self = new Member(step.Self.Node, step.Self.Incarnation, MemberKind.Voter);
        var founded = new Configuration(step.RollCall.Blank.Add(self));
        step.Remember(new Bootstrapped(founded));
        // Votes go to a name. A former life of ours may have been elected by it, and its last appends may still be on their way: this one must win in a later term.
        if (step.RollCall.Term > step.CurrentTerm)
            step.Remember(new Voted(step.RollCall.Term, VotedFor: null));
        step.Perform(new Effect.Founded(founded));
        Candidate.Campaign(step);
    }
}
