using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;

namespace RaftQueue.Node;

/// <summary>
/// Bounds how long a node that stops waits for the others to notice that it leaves the Akka cluster. They do within a second, or, while one
/// of them is down, never:
/// then it goes without. Votes do not depend on it.
/// </summary>
internal static class ClusterLeave
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public static void Bound(ActorSystem system) => CoordinatedShutdown.Get(system).AddTask(
        CoordinatedShutdown.PhaseClusterExiting, "raftqueue-bound-leave", async () =>
        {
            var cluster = Cluster.Get(system);
            await WaitAsync(() => !IsLeaving(cluster)).ConfigureAwait(false);
            if (IsLeaving(cluster))
            {
                system.ActorSelection("/system/cluster").Tell(PoisonPill.Instance); // Akka's own tasks end with it
                await WaitAsync(() => cluster.IsTerminated).ConfigureAwait(false);
            }

            return Akka.Done.Instance;
        });

    private static async Task WaitAsync(Func<bool> isDone)
    {
        for (var clock = Stopwatch.StartNew(); !isDone() && clock.Elapsed < s_longest;)
            await Task.Delay(s_pause).ConfigureAwait(false);
    }

    private static bool IsLeaving(Cluster cluster) =>
        !cluster.IsTerminated && cluster.SelfMember.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving;
}
