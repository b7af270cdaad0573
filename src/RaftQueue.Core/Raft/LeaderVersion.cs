using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Core.Raft;

/// <summary>
/// The machine version in the log: a newer one comes into force only by an entry, and only when every voter has said that it knows it. So nobody is ever handed an entry
/// that it cannot apply, whichever server leads while the cluster is being upgraded.
/// </summary>
internal static class LeaderVersion
{
    public static void Tend(StepBuilder step)
    {
        if (!step.Lead.IsEstablished || step.Lead.Handover is not null || step.Log.MachineVersionIndex > step.CommitIndex)
            return;
        var common = step.Options.MachineVersion;
        foreach (var peer in step.Peers)
        {
            if (peer.IsVoter)
                common = Math.Min(common, peer.MachineVersion);
        }

        if (common > step.Log.MachineVersion)
            Leader.Append(step, EntryKind.MachineVersion, step.Clock.At(step.Now), MachineVersionCodec.Encode(common));
    }
}
