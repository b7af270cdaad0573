using System.Collections.Immutable;
using System.Reflection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>
/// Replicas that the rules would never make. Their state can only be set by the rules themselves, so a mutation reaches around the compiler; the product stays as it is.
/// </summary>
internal static class Forge
{
    /// <summary>A copy of a record with one property set to what it must not be.</summary>
    public static T With<T>(T original, string property, object? value)
        where T : class
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(original, null)!;
        typeof(T).GetProperty(property, BindingFlags.Instance | BindingFlags.Public)!.SetValue(copy, value);
        return copy;
    }

    /// <summary>The replica as if it had not voted in this term.</summary>
    public static Replica WithoutVote(Replica replica) =>
        With(replica, nameof(Replica.Memory), With(replica.Memory, nameof(Memory.VotedFor), null));

    /// <summary>The leader as if this held of its leadership.</summary>
    public static Replica Leading(Replica replica, string property, object value) =>
        With(replica, nameof(Replica.Leadership), With(replica.Leadership!, property, value));

    /// <summary>The step, but with everything through this index called committed and handed out.</summary>
    public static Step Committing(Step step, LogIndex index)
    {
        var next = step.Next;
        if (index <= next.CommitIndex || index > next.Log.LastIndex)
            return step;
        var entries = next.Log.Range(next.LastApplied.Next, index);
        next = With(With(next, nameof(Replica.CommitIndex), index), nameof(Replica.LastApplied), index);
        return step with { Next = next, Apply = step.Apply.AddRange(entries) };
    }

    /// <summary>The step, but with one more event remembered.</summary>
    public static Step Remembering(Step step, IRaftEvent happened) => step with
    {
        Next = With(step.Next, nameof(Replica.Memory), step.Next.Memory.Apply(happened)),
        Remember = step.Remember.Add(happened),
    };

    /// <summary>The message with another content.</summary>
    public static Input Received(Envelope envelope, IPeerMessage message) => new Input.Received(envelope with { Message = message });

    /// <summary>
    /// A reply as if its round were one that this leader has begun: a later one would be refused before the broken rule is asked
    /// (<c>MessageBounds</c>).
    /// </summary>
    public static AppendReply InRound(Replica replica, AppendReply reply) =>
        replica.Leadership is { } leadership && reply.Round > leadership.Round ? reply with { Round = leadership.Round } : reply;

    /// <summary>A leader that takes this round for one that a member has answered.</summary>
    public static Replica Acknowledged(Replica leader, NodeId member, long round)
    {
        if (leader.Leadership is not { } leadership)
            return leader;
        ImmutableArray<Progress> peers =
            [.. leadership.Peers.Select(peer => peer.Node == member ? With(peer, nameof(Progress.AckedRound), round) : peer)];
        return With(leader, nameof(Replica.Leadership), With(leadership, nameof(Leadership.Peers), peers));
    }

    /// <summary>A leader's members as if all of them knew this machine version.</summary>
    public static ImmutableArray<Progress> Knowing(Leadership leadership, int version) => [.. leadership.Peers.Select(peer => peer with { MachineVersion = version })];

    /// <summary>The match indexes that a leader knows of its voters, its own disk's included, highest first.</summary>
    public static ImmutableArray<LogIndex> Matches(Leadership leadership) =>
    [
        .. leadership.Peers.Where(peer => peer.IsVoter).Select(peer => peer.MatchIndex).Append(leadership.DurableIndex).OrderDescending(),
    ];
}
