namespace RaftQueue.Core.Raft;

/// <summary>
/// The settings that a node's data was made with, and that may never change for it: with another value the node would look for its data
/// elsewhere, and would answer as
/// if it had none. They are stored with the data and compared at every start. Null stands for a setting that is not known: data of an older
/// version does not name it.
/// </summary>
/// <param name="Groups">The number of Raft groups: a queue belongs to the group that its name's hash gives, out of so many.</param>
/// <param name="System">The name of the actor system, which is the cluster's name in every address.</param>
/// <param name="Storage">The database, and where in it the data lies.</param>
public sealed record FixedSettings(int? Groups = null, string? System = null, string? Storage = null)
{
    /// <summary>
    /// Why a node that is configured like this may not start on data that was made with these settings, and what to do; null where it may.
    /// </summary>
    public string? Objection(FixedSettings configured)
    {
        if (Differ(Groups, configured.Groups))
        {
            return $"it was made with raftqueue.groups = {Groups}, and the node is configured with {configured.Groups}. Every queue belongs to one group by its name, "
                + $"so with another number queues would not be found. Set raftqueue.groups = {Groups}; the number is the same on all nodes, and never changes.";
        }

        if (Differ(System, configured.System))
        {
            return $"it belongs to the cluster named \"{System}\" (its actor systems' name), and the node was started as one of \"{configured.System}\". "
                + $"Start it as \"{System}\", or give this node a data directory of its own.";
        }

        return Differ(Storage, configured.Storage)
            ? $"what it had is in {Storage}, and raftqueue.storage is set to {configured.Storage}, where it has nothing. Set it back. "
                + "To move a cluster to another database, take a backup and restore it there."
            : null;
    }

    /// <summary>These settings, with those that are not known taken from <paramref name="configured"/>.</summary>
    public FixedSettings CompletedBy(FixedSettings configured) =>
        new(Groups ?? configured.Groups, System ?? configured.System, Storage ?? configured.Storage);

    /// <summary>
    /// What two nodes of one cluster must have alike, and these have not; null where they may speak to each other. A number of 0 is that of
    /// a version which does not
    /// tell it.
    /// </summary>
    /// <param name="own">The number of groups of this node.</param>
    /// <param name="other">That of the other.</param>
    public static string? PeerObjection(int own, int other) => other == 0 || other == own
        ? null
        : $"it is configured with raftqueue.groups = {other}, and this node with {own}. Set the same number on all nodes: the one with which the cluster was founded";

    private static bool Differ(int? stored, int? configured) => stored is { } known && configured is { } now && known != now;

    private static bool Differ(string? stored, string? configured) => stored is { } known && configured is { } now && known != now;
}
