using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>No node ever runs with another number of groups than the first that ran: it would look for queues where they are not.</summary>
public sealed class SettingsStay : Checker
{
    private int? _groups;

    public override string Name => "Settings Stay";

    public override void Configured(Witness node, FixedSettings settings)
    {
        _groups ??= settings.Groups;
        Require(settings.Groups == _groups, $"{node} runs with {settings.Groups} groups, and its cluster has {_groups}");
    }
}
