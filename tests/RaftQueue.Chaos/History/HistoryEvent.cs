using System.Text.Json.Serialization;

namespace RaftQueue.Chaos.History;

/// <summary>One line of a history: something that a client, the fault injector or an observer saw.</summary>
/// <param name="At">Milliseconds since the run began, on one monotonic clock.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStarted), "run")]
[JsonDerivedType(typeof(Invoked), "invoke")]
[JsonDerivedType(typeof(Completed), "complete")]
[JsonDerivedType(typeof(Delivered), "delivery")]
[JsonDerivedType(typeof(FaultStage), "fault")]
[JsonDerivedType(typeof(LeaderSeen), "leader")]
[JsonDerivedType(typeof(Remarked), "remark")]
[JsonDerivedType(typeof(Stuck), "stuck")]
[JsonDerivedType(typeof(QueueAtEnd), "queue")]
[JsonDerivedType(typeof(DeadLettersAtEnd), "deadLetters")]
[JsonDerivedType(typeof(ReplicaAtEnd), "replica")]
public abstract record HistoryEvent(double At);

/// <summary>The first line: what is needed to run it again.</summary>
public sealed record RunStarted(double At, int Seed, int Nodes, string Network) : HistoryEvent(At);

/// <summary>A client begins an operation.</summary>
/// <param name="At">When.</param>
/// <param name="Op">Its number; the completion has the same.</param>
/// <param name="Client">Who.</param>
/// <param name="Kind">What.</param>
/// <param name="Queue">Where.</param>
/// <param name="Ids">The unique payload ids of a send, in order.</param>
/// <param name="Sequence">The message of a settlement.</param>
/// <param name="Token">The lease of a settlement.</param>
public sealed record Invoked(
    double At, long Op, string Client, OperationKind Kind, string Queue, string[]? Ids = null, long Sequence = 0, long Token = 0) : HistoryEvent(At);

/// <summary>An operation has ended, for all that the client knows.</summary>
/// <param name="At">When.</param>
/// <param name="Op">The operation.</param>
/// <param name="Outcome">How.</param>
/// <param name="Sequences">Of a confirmed send: the messages' sequences, in order.</param>
/// <param name="Detail">The error, for people.</param>
public sealed record Completed(double At, long Op, Outcome Outcome, long[]? Sequences = null, string? Detail = null) : HistoryEvent(At);

/// <summary>The application was handed a message.</summary>
/// <param name="At">When.</param>
/// <param name="Client">The consumer.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Sequence">The message.</param>
/// <param name="Token">The lease.</param>
/// <param name="Id">The payload's unique id.</param>
/// <param name="Count">How often it was started, as the broker counts.</param>
/// <param name="LeaseUntil">When the lease ends, in milliseconds of log time.</param>
/// <param name="LeaseMs">How long the lease is.</param>
public sealed record Delivered(
    double At, string Client, string Queue, long Sequence, long Token, string Id, int Count, double LeaseUntil, double LeaseMs) : HistoryEvent(At)
{
    /// <summary>When the lease began, in milliseconds of log time.</summary>
    [JsonIgnore]
    public double LeaseFrom => LeaseUntil - LeaseMs;
}

/// <summary>A fault goes through its life.</summary>
/// <param name="At">When.</param>
/// <param name="Number">The fault.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Targets">Who is hit.</param>
/// <param name="Stage">Where in its life it is.</param>
/// <param name="WithoutMajority">While it is in force, no majority is alive: nothing may be confirmed.</param>
public sealed record FaultStage(double At, int Number, string Kind, string[] Targets, Stage Stage, bool WithoutMajority = false) : HistoryEvent(At);

/// <summary>An observer saw another leader than before.</summary>
public sealed record LeaderSeen(double At, string Node, long Term) : HistoryEvent(At);

/// <summary>What a fault came to, where that is not the same each time.</summary>
public sealed record Remarked(double At, string What) : HistoryEvent(At);

/// <summary>Something that had to happen did not, in a time that is long for it.</summary>
public sealed record Stuck(double At, string What) : HistoryEvent(At);

/// <summary>What is left in a queue after everything was drained.</summary>
/// <param name="At">When.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Left">Messages that nobody has acknowledged.</param>
/// <param name="Ids">The payload ids of those that could be looked at.</param>
public sealed record QueueAtEnd(double At, string Queue, long Left, string[] Ids) : HistoryEvent(At);

/// <summary>What a dead-letter queue holds after everything was drained.</summary>
/// <param name="At">When.</param>
/// <param name="Queue">The queue that they came from.</param>
/// <param name="Ids">Their payload ids.</param>
public sealed record DeadLettersAtEnd(double At, string Queue, string[] Ids) : HistoryEvent(At);

/// <summary>A replica at the end of the run.</summary>
public sealed record ReplicaAtEnd(double At, string Node, long AppliedIndex, string Digest) : HistoryEvent(At);

/// <summary>What clients do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationKind>))]
public enum OperationKind
{
    /// <summary>Send one message.</summary>
    Send,

    /// <summary>Send several, all or none.</summary>
    Batch,

    /// <summary>Acknowledge.</summary>
    Ack,

    /// <summary>Give back.</summary>
    Release,
}

/// <summary>How an operation ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>Confirmed.</summary>
    Ok,

    /// <summary>Refused: it certainly has not happened and never will.</summary>
    Refused,

    /// <summary>It may have happened, or may yet.</summary>
    Unknown,
}

/// <summary>The life of a fault.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Stage>))]
public enum Stage
{
    /// <summary>It is about to be injected.</summary>
    Begins,

    /// <summary>It has been injected.</summary>
    InForce,

    /// <summary>It is about to be healed.</summary>
    Heals,

    /// <summary>Everything has recovered from it.</summary>
    Over,
}
