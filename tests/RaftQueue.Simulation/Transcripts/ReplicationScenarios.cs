using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Transcripts;

/// <summary>How logs grow, differ and agree again (§5.3, §5.4.2, §7).</summary>
internal static class ReplicationScenarios
{
    public static IReadOnlyList<Transcript> All { get; } =
    [
        new(
            "10-replication.txt",
            "A command is replicated, committed and applied, with one follower down",
            """
            The way of a command (§5.3): the leader appends it to its log and sends it on while its own disk still writes; it is committed once a majority
            has it on disk, the leader counting itself like everybody else; then each server applies it. Two of three are a majority, so one may be down.
            """,
            Replication),
        new(
            "11-log-repair.txt",
            "A diverging log is repaired",
            """
            A follower may hold entries that the leader does not have, and lack others (Figure 7). Each append names the index and term of the entry before it; the follower
            refuses what does not fit and says where its conflicting term begins, so the leader goes back a whole term at a time (§5.3). What differs after
            that point gives way to the leader's log. Nothing committed is ever touched.
            """,
            Repair),
        new(
            "12-figure-8.txt",
            "Figure 8: why an entry of an old term is not committed by counting",
            """
            Figure 8 of the paper, with five servers. An entry of an old term can be on a majority of the servers and still be overwritten by a later leader. So a leader
            counts only entries of its own term; what is older is committed together with them (§5.4.2). The servers send one entry at a time here, so that
            the schedule can stop between two of them.
            """,
            Figure8),
        new(
            "13-catch-up.txt",
            "A follower that was away catches up",
            """
            A follower that was down lacks entries. The leader finds the last entry they share, and then sends one append after the other without waiting for each
            answer (§5.3): here three entries at a time.
            """,
            CatchUp),
        new(
            "14-snapshot.txt",
            "A follower so far behind that it gets the snapshot",
            """
            Logs do not grow for ever: each server now and then writes a snapshot of its machine and drops the entries that it covers (§7). A follower that needs dropped
            entries gets the leader's snapshot, in chunks, and continues with the entries after it. A manifest comes first; it names the pieces, and pieces that the
            follower has already are skipped.
            """,
            Snapshot),
    ];

    private static Script Replication()
    {
        var script = new Script(3);
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("n3 is down. A client's command arrives at the leader.");
        script.Crash("n3");
        script.Propose("n1");
        script.Tell("Followers learn of the commit with the next append or heartbeat.");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.CommitOf("n1") == script.CommitOf("n2"), "n2 knows what is committed");
        return script;
    }

    private static Script Repair()
    {
        var script = new Script(3);
        script.Tell("n1 leads term 1. Cut off from the others, it appends three entries that nobody else gets.");
        script.Timeout("n1");
        script.Part(["n1"], ["n2", "n3"]);
        for (var i = 0; i < 3; i++)
            script.Propose("n1");
        script.Tell("n2 leads term 2 and commits an entry of its own.");
        script.Wait();
        script.Timeout("n2");
        script.Propose("n2");
        script.Table();
        script.Tell("n1 can be reached again.");
        script.Heal();
        script.Heartbeat("n2");
        script.Heartbeat("n2");
        script.Table();
        script.Require(script.Ends("n1", script.CommitOf("n2")), "n1 has n2's log");
        return script;
    }

    private static Script Figure8()
    {
        var script = new Script(5, options: new RaftOptions { MaxEntriesPerAppend = 1, MaxAppendsInFlight = 1 });
        script.Tell("Everybody has entry 1 of term 1.");
        script.Timeout("n1");
        script.Tell("(a) n1 leads term 1 and replicates entry 2 to n2 only.");
        script.Part(["n1", "n2"], ["n3", "n4", "n5"]);
        script.Propose("n1");
        script.Table();
        script.Tell("(b) n1 crashes; n5 is elected in term 2 by n3, n4 and itself, and has another entry 2 when it crashes too.");
        script.Crash("n1");
        script.Wait();
        script.TimeoutUntilElected("n5");
        script.Part(["n5"], ["n3", "n4"]);
        script.Wait();
        script.Crash("n5");
        script.Table();
        script.Tell("(c) n1 is back. Its first pre-vote tells it that term 2 is over already.");
        script.Heal();
        script.Part(["n1"], ["n4"]);
        script.Start("n1");
        script.Wait();
        script.Timeout("n1");
        script.Wait();
        script.Tell("Then it is elected in term 3, by n2 and n3. It replicates its old entry 2 to n3: now a majority has it. It must not be committed by that.");
        script.TimeoutUntilElected("n1");
        script.HeartbeatUntil("n1", () => script.Ends("n3", 2));
        script.Tell("n1 cannot reach n3 any more, but still hears that n3 has entry 2. Three of five have it; n1 commits nothing.");
        script.Mute("n1", "n3");
        script.GoOn();
        script.Table();
        script.Require(script.Ends("n3", 2) && script.CommitOf("n1") < 2, "n3 has entry 2 and it is not committed");
        script.Tell("(d) n1 crashes again. n5's entry 2 is of a later term, so n5 can be elected, and overwrites entry 2 everywhere. No promise is broken: it was never committed.");
        script.Crash("n1");
        script.Heal();
        script.Start("n5");
        script.Wait();
        script.Timeout("n5");
        script.Wait();
        script.Timeout("n5");
        script.Heartbeat("n5");
        script.Table();
        script.Require(script.Leads("n5"), "n5 leads");
        return script;
    }

    private static Script CatchUp()
    {
        var script = new Script(3, options: new RaftOptions { MaxEntriesPerAppend = 3, MaxAppendsInFlight = 2 });
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("n3 goes down; the other two commit eight entries.");
        script.Crash("n3");
        for (var i = 0; i < 8; i++)
            script.Propose("n1");
        script.Table();
        script.Tell("n3 is back. The heartbeat names an entry that n3 does not have; n3 says where its log ends.");
        script.Start("n3");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.CommitOf("n3") == script.CommitOf("n1"), "n3 has caught up");
        return script;
    }

    private static Script Snapshot()
    {
        var script = new Script(3);
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("n3 goes down; the others commit four entries, and the leader compacts its log.");
        script.Crash("n3");
        for (var i = 0; i < 4; i++)
            script.Propose("n1");
        script.Snapshot("n1");
        script.Propose("n1");
        script.Table();
        script.Tell("n3 is back, and needs entries that the leader has no more.");
        script.Start("n3");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.CommitOf("n3") == script.CommitOf("n1"), "n3 has caught up");
        return script;
    }
}
