namespace RaftQueue.Core.Queue;

/// <summary>Collects what the entry that is being applied causes, in order.</summary>
internal sealed class EffectLog
{
    private List<QueueEffect>? _effects;

    /// <summary>Scratch space of the assignment: who was served, in the order of their first message.</summary>
    public List<Consumer> Served { get; } = [];

    /// <summary>Who wants to know what happens to one message; null on every machine but one that replays the log for that.</summary>
    public MessageWatch? Watch { get; set; }

    public void Add(QueueEffect effect) => (_effects ??= []).Add(effect);

    public IReadOnlyList<QueueEffect> Drain()
    {
        IReadOnlyList<QueueEffect> effects = _effects is null ? [] : _effects;
        _effects = null;
        return effects;
    }
}
