using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Transcripts;

/// <summary>The words for inputs, messages, events and roles, the same in the trace of a seed and in a transcript.</summary>
public static class Wording
{
    /// <summary>Tells a step: what came in, what it changed, what goes out.</summary>
    public static void TellStep(Trace trace, NodeId node, Replica before, Input input, Step step)
    {
        var next = step.Next;
        if (Of(input) is { } heard)
            trace.Say(node.Value, $"{heard}");
        foreach (var happened in step.Remember)
            trace.Say(node.Value, $"    remembers {Of(happened)}");
        if (next.Role != before.Role || (next.Role == Role.Candidate && next.Candidacy?.IsPreVote != before.Candidacy?.IsPreVote))
            trace.Say(node.Value, $"    becomes {RoleOf(next)} of term {next.CurrentTerm}");
        if (next.CommitIndex > before.CommitIndex)
            trace.Say(node.Value, $"    knows entries through {next.CommitIndex} as committed");
        Tell(trace, node, "sends", step.Send);
        Tell(trace, node, "sends once that is on disk", step.SendWhenDurable);
        foreach (var effect in step.Effects)
        {
            if (Of(effect) is { } asked)
                trace.Say(node.Value, $"    {asked}");
        }
    }

    /// <summary>What a role is called.</summary>
    public static string RoleOf(Replica replica) => replica switch
    {
        { Role: Role.Follower } => "follower",
        { Role: Role.Leader } => "leader",
        { Candidacy.IsPreVote: true } => "candidate (asking around first)",
        _ => "candidate",
    };

    /// <summary>The sentence for an input; null for one that says nothing by itself.</summary>
    public static string? Of(Input input) => input switch
    {
        Input.Received { Envelope: var envelope } => $"hears from {envelope.From}: {Of(envelope.Message)}",
        Input.ElectionTimeout => "election timeout",
        Input.Heartbeat => "heartbeat is due",
        Input.Propose propose => $"is asked to append {Count(propose.Commands.Length, "command")}",
        Input.Written { Mark: var mark } => $"disk has everything through term {mark.Term}, entry {mark.LastIndex}",
        Input.Read read => $"is asked for read {read.ReadId}",
        Input.Transfer transfer => $"is asked to hand over to {transfer.Target?.Value ?? "the most up-to-date voter"}",
        Input.ChangeMembers { Change: var change } => $"is asked to {Of(change)}",
        Input.PeerLost lost => $"transport lost {lost.Node}",
        Input.SnapshotStored stored => $"snapshot at {stored.Meta.LastIncludedIndex} is on disk; the log may go through {stored.CompactThrough}",
        Input.SnapshotChunkRead read => $"has read piece {read.Cursor.Piece} of the snapshot from byte {read.Cursor.Offset} for {read.To}",
        Input.SnapshotChunkStored { Next: { } wanted } => $"has stored a chunk of the snapshot and wants piece {wanted.Piece} from byte {wanted.Offset}",
        Input.SnapshotChunkStored stored => $"has stored the whole snapshot at {stored.Meta.LastIncludedIndex}",
        _ => null,
    };

    /// <summary>The words for a message.</summary>
    public static string Of(IPeerMessage message) => message switch
    {
        RequestVote { IsPreVote: true } ask => $"would you vote for me in term {ask.Term}? my log ends at {ask.LastLogIndex} of term {ask.LastLogTerm}",
        RequestVote ask => $"RequestVote term {ask.Term}, log ends at {ask.LastLogIndex} of term {ask.LastLogTerm}{(ask.IsTransfer ? ", the leader asked for it" : "")}",
        VoteReply { IsPreVote: true } vote => $"{(vote.IsGranted ? "I would" : "I would not")}, term {vote.Term}",
        VoteReply vote => $"vote {(vote.IsGranted ? "granted" : "refused")}, term {vote.Term}",
        AppendEntries { Entries.IsEmpty: true } append => $"AppendEntries term {append.Term}, no entries, after {append.PrevLogIndex} of term {append.PrevLogTerm}, commit {append.LeaderCommit}",
        AppendEntries append => $"AppendEntries term {append.Term}, {Of(append.Entries)}, after {append.PrevLogIndex} of term {append.PrevLogTerm}, commit {append.LeaderCommit}",
        AppendReply { IsAccepted: true } reply => $"accepted through {reply.MatchIndex}, term {reply.Term}",
        AppendReply reply => $"refused at {reply.MatchIndex}, term {reply.Term}: conflicting term {reply.ConflictTerm}, from {reply.ConflictIndex}",
        FoundingCall => "is there a group already, as far as you know?",
        FoundingReply reply => reply.IsBlank ? "I know of none" : "there is one",
        TimeoutNow now => $"TimeoutNow term {now.Term}",
        InstallSnapshot chunk => $"InstallSnapshot term {chunk.Term}, at {chunk.Meta.LastIncludedIndex}, piece {chunk.Cursor.Piece} from byte {chunk.Cursor.Offset}, {chunk.Data.Length} bytes",
        SnapshotReply { Progress: SnapshotProgress.Wanted } reply => $"wants piece {reply.Next.Piece} of the snapshot from byte {reply.Next.Offset}",
        SnapshotReply reply => $"snapshot at {reply.LastIncludedIndex} {(reply.Progress == SnapshotProgress.Installed ? "installed" : $"refused: {reply.Reason}")}",
        _ => message.ToString() ?? "",
    };

    /// <summary>The words for an event.</summary>
    public static string Of(IRaftEvent happened) => happened switch
    {
        Bootstrapped bootstrapped => $"the first members: {Of(bootstrapped.Configuration)}",
        Voted { VotedFor: { } candidate } voted => $"term {voted.Term}, vote for {candidate}",
        Voted voted => $"term {voted.Term}, no vote yet",
        EntriesAppended appended => Of(appended.Entries),
        LogTruncated truncated => $"that entry {truncated.From} and all after it are gone",
        LogCompacted compacted => $"the snapshot at {compacted.Meta.LastIncludedIndex}; entries through {compacted.CompactThrough} leave the log",
        SnapshotInstalled installed => $"the leader's snapshot at {installed.Meta.LastIncludedIndex} in place of the log",
        _ => happened.ToString() ?? "",
    };

    /// <summary>The words for entries: their indexes, terms and kinds.</summary>
    public static string Of(ImmutableArray<Entry> entries) => entries.Length > 4
        ? $"entries {entries[0].Index} to {entries[^1].Index} of terms {entries[0].Term} to {entries[^1].Term}"
        : string.Join(", ", entries.Select(entry => $"entry {entry.Index} of term {entry.Term}{KindOf(entry)}"));

    /// <summary>The words for members.</summary>
    public static string Of(Configuration configuration) => configuration.Members.IsEmpty ? "nobody" : configuration.ToString();

    /// <summary>One thing or several.</summary>
    public static string Count(int number, string thing) => number == 1 ? $"1 {thing}" : $"{number} {thing}s";

    private static string KindOf(Entry entry) => entry.Kind switch
    {
        EntryKind.NoOp => " (no-op)",
        EntryKind.Configuration => " (members)",
        EntryKind.MachineVersion => " (machine version)",
        _ => "",
    };

    private static string Of(MembershipChange change) => change switch
    {
        MembershipChange.Add add => $"add {add.Node} as a learner",
        MembershipChange.Promote promote => $"promote {promote.Node}",
        MembershipChange.Remove remove => $"remove {remove.Node}",
        _ => change.ToString() ?? "",
    };

    private static string? Of(Effect effect) => effect switch
    {
        Effect.LeadershipEstablished established => $"is established as leader: its no-op {established.NoOp} is committed",
        Effect.ReadReady ready => $"may answer read {ready.ReadId} once {ready.Index} is applied",
        Effect.ReadRefused refused => $"refuses read {refused.ReadId}",
        Effect.RequestEnded { Refusal: "" } ended => $"request {ended.RequestId} is done",
        Effect.RequestEnded ended => $"request {ended.RequestId} is refused: {ended.Refusal}",
        Effect.ProposalRefused refused => $"refuses the proposal: {(refused.IsBusy ? "too much is uncommitted" : "it does not lead")}",
        Effect.RestoreMachine restore => $"restores the machine from the snapshot at {restore.Meta.LastIncludedIndex}",
        Effect.SnapshotRefused refused => $"hears that {refused.Member} cannot take the snapshot: {refused.Reason}",
        Effect.Founded founded => $"has founded the group: {Of(founded.Members)}",
        Effect.Removed => "has left the group",
        _ => null,
    };

    private static void Tell(Trace trace, NodeId node, string how, ImmutableArray<Envelope> envelopes)
    {
        // A round to several peers is one line where all get the same.
        foreach (var group in envelopes.GroupBy(envelope => Of(envelope.Message)))
            trace.Say(node.Value, $"    {how} to {string.Join(", ", group.Select(envelope => envelope.To))}: {group.Key}");
    }
}
