using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Redrives and their answers.</summary>
internal static class RedriveMapper
{
    public static Proto.Redrive ToProto(Redrive redrive)
    {
        var proto = new Proto.Redrive
        {
            Queue = redrive.Queue.Value,
            RequestId = ProtoBytes.Of(redrive.RequestId),
            Target = redrive.Target?.Value ?? "",
            MaxMessages = redrive.MaxMessages,
            Source = redrive.Source?.Value ?? "",
            FromSequence = redrive.FromSequence,
        };
        if (redrive.TargetGroup is { } group)
            proto.TargetGroup = group.Value;
        if (redrive.ThroughSequence is { } through)
            proto.ThroughSequence = through;
        return proto;
    }

    public static Redrive FromProto(Proto.Redrive redrive) => new(
        new QueueName(redrive.Queue),
        Expect.Id(redrive.RequestId, "request id"),
        NameOrNone(redrive.Target),
        redrive.MaxMessages)
    {
        TargetGroup = redrive.HasTargetGroup ? Expect.Group(redrive.TargetGroup) : null,
        Source = NameOrNone(redrive.Source),
        FromSequence = redrive.FromSequence,
        ThroughSequence = redrive.HasThroughSequence ? redrive.ThroughSequence : null,
    };

    public static Proto.Redriven ToProto(Redriven redriven)
    {
        var proto = new Proto.Redriven { Queue = redriven.Queue.Value, Moved = redriven.Moved, NextSequence = redriven.NextSequence };
        foreach (var skipped in redriven.Skipped)
        {
            proto.Skipped.Add(new Proto.RedriveSkipped
            {
                Obstacle = (uint)skipped.Obstacle,
                Queue = skipped.Queue?.Value ?? "",
                Messages = skipped.Messages,
                FirstSequence = skipped.FirstSequence,
            });
        }

        return proto;
    }

    public static Redriven FromProto(Proto.Redriven redriven) => new(
        Expect.Queue(redriven.Queue), Expect.NotNegative(redriven.Moved, "messages moved"))
    {
        Skipped = [.. redriven.Skipped.Select(FromProto)],
        NextSequence = Expect.NotNegative(redriven.NextSequence, "next sequence"),
    };

    private static RedriveSkipped FromProto(Proto.RedriveSkipped skipped) => new(
        Obstacle(skipped.Obstacle),
        NameOrNone(skipped.Queue),
        Expect.NotNegative(skipped.Messages, "messages skipped"),
        Expect.NotNegative(skipped.FirstSequence, "first sequence"));

    // A newer node may know reasons that have no name here yet.
    private static RedriveObstacle Obstacle(uint obstacle) => obstacle <= byte.MaxValue && Enum.IsDefined((RedriveObstacle)(byte)obstacle)
        ? (RedriveObstacle)(byte)obstacle
        : RedriveObstacle.Other;

    private static QueueName? NameOrNone(string name) => name.Length == 0 ? null : new QueueName(name);
}
