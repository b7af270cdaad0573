namespace RaftQueue.Simulation.Transcripts;

/// <summary>How leaders come and go (§5.2, §5.4; dissertation, §3.10 and §9.6).</summary>
internal static class ElectionScenarios
{
    public static IReadOnlyList<Transcript> All { get; } =
    [
        new(
            "01-election.txt",
            "A leader is elected",
            """
            Three servers wake as followers (§5.2). The first whose election timer fires asks around whether it could win (a pre-vote, §9.6 of the
            dissertation: nobody's term changes by being asked), then enters a new term, votes for itself and asks for votes. A vote is written to disk before it
            is spoken. The winner appends an entry of its own term, the no-op (§8): once that is committed, the leader knows what is. The first leader of a group
            writes down the members there, later ones nothing.
            """,
            Election),
        new(
            "02-split-vote.txt",
            "A vote is split, and the next election is not",
            """
            Four servers, two of which campaign at the same instant. Each gets its own vote and one other, and that is no majority of four (§5.2). Nobody leads in
            that term. Randomized timeouts make it unlikely to happen again: one of them fires first the next time.
            """,
            SplitVote),
        new(
            "03-up-to-date.txt",
            "Who misses committed entries cannot lead",
            """
            The vote goes only to a candidate whose log is at least as up-to-date as the voter's: the larger last term wins, with equal terms the larger index
            (§5.4.1). Every committed entry is on a majority, and every election needs a majority; so whoever is elected has every committed entry.
            """,
            UpToDate),
        new(
            "04-pre-vote.txt",
            "An isolated server does no harm when it returns",
            """
            A server that hears nobody campaigns again and again. If it entered a new term each time, it would return with a term far above the leader's and
            depose it. With pre-vote (dissertation, §9.6) it only asks, gets no answer, and stays in its term.
            """,
            PreVote),
        new(
            "05-transfer.txt",
            "Leadership is handed over",
            """
            Before a leader is shut down, it hands over (dissertation, §3.10): it takes no more commands, sees to it that its successor has its whole log, and tells it to
            campaign at once. The others would stay loyal to a leader that they heard lately; the request says that the leader itself wants this election.
            """,
            Transfer),
        new(
            "06-partition.txt",
            "A partition, and its end",
            """
            The leader is cut off with a minority. What it appends there can never be committed. The majority elects another leader in a higher term and goes on.
            When the partition heals, the old leader hears of the higher term, is a follower at once (§5.1), and its uncommitted entries give way (§5.3).
            """,
            Partition),
        new(
            "07-read-index.txt",
            "A read without a log entry, and a deposed leader that must not answer one",
            """
            A leader may answer a read from its own state only after a round of heartbeats has shown that it still leads (§8; dissertation, §6.4). A leader that
            was cut off does not get that round answered. Its read is never answered, rather than answered with what is out of date.
            """,
            ReadIndex),
    ];

    private static Script Election()
    {
        var script = new Script(3);
        script.Tell("n1's election timer fires first.");
        script.Timeout("n1");
        script.Tell("The next heartbeat tells the followers what is committed. The leader also writes down which life of each server's data it has heard.");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.Leads("n1"), "n1 leads");
        return script;
    }

    private static Script SplitVote()
    {
        var script = new Script(4);
        script.Tell("n1 and n2 campaign at the same instant. Everybody says that it would vote for either: a pre-vote promises nothing.");
        script.TimeoutUntilAllCampaign("n1", "n2");
        script.Tell("Of the votes themselves each gets its own and one other, because two links are down.");
        script.Part(["n1"], ["n4"]);
        script.Part(["n2"], ["n3"]);
        script.GoOn();
        script.Table();
        script.Require(!script.Leads("n1") && !script.Leads("n2"), "nobody leads");
        script.Tell("n2's timer fires first this time.");
        script.Heal();
        script.Wait();
        script.Timeout("n2");
        script.Table();
        script.Require(script.Leads("n2"), "n2 leads");
        return script;
    }

    private static Script UpToDate()
    {
        var script = new Script(3);
        script.Tell("n1 leads. n3 is cut off and misses an entry that n1 and n2 commit.");
        script.Timeout("n1");
        script.Part(["n3"], ["n1", "n2"]);
        script.Propose("n1");
        script.Table();
        script.Tell("The leader dies, the link is mended, and n3's timer fires first. n2 has what n3 lacks, and would not vote for it.");
        script.Crash("n1");
        script.Heal();
        script.Wait();
        script.Timeout("n3");
        script.Require(!script.Leads("n3"), "n3 does not lead");
        script.Tell("n2's log is the newer one: it wins, and brings n3 up to date.");
        script.Wait();
        script.Timeout("n2");
        script.Heartbeat("n2");
        script.Table();
        script.Require(script.Leads("n2") && script.Ends("n3", script.CommitOf("n2")), "n2 leads and n3 has everything");
        return script;
    }

    private static Script PreVote()
    {
        var script = new Script(3);
        script.Tell("n1 leads; n3 is cut off.");
        script.Timeout("n1");
        script.Part(["n3"], ["n1", "n2"]);
        script.Tell("n3's timer fires three times. It asks around, nobody hears it, and its term stays.");
        for (var i = 0; i < 3; i++)
        {
            script.Wait();
            script.Timeout("n3");
        }

        script.Tell("The others go on without it.");
        script.Propose("n1");
        script.Tell("n3 can reach them again, and its timer fires once more. They hear a leader, so they would not vote; the leader's next heartbeat takes n3 back.");
        script.Heal();
        script.Timeout("n3");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.Leads("n1"), "n1 still leads");
        return script;
    }

    private static Script Transfer()
    {
        var script = new Script(3);
        script.Tell("n1 leads, and one entry is committed.");
        script.Timeout("n1");
        script.Propose("n1");
        script.Tell("n1 is asked to hand over to n3.");
        script.Transfer("n1", "n3");
        script.Table();
        script.Require(script.Leads("n3"), "n3 leads");
        return script;
    }

    private static Script Partition()
    {
        var script = new Script(5);
        script.Tell("n1 leads five servers.");
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Tell("n1 and n2 are cut off from the other three. n1 takes a command that it can never commit.");
        script.Part(["n1", "n2"], ["n3", "n4", "n5"]);
        script.Propose("n1");
        script.Table();
        script.Tell("On the other side n4's timer fires; three of five are a majority.");
        script.Wait();
        script.Timeout("n4");
        script.Propose("n4");
        script.Table();
        script.Tell("The partition heals. The old leader's entry gives way to what was committed meanwhile.");
        script.Heal();
        script.Heartbeat("n4");
        script.Heartbeat("n4");
        script.Table();
        script.Require(script.Leads("n4") && !script.Leads("n1") && script.Ends("n1", script.CommitOf("n4")), "n1 follows n4 and has its log");
        return script;
    }

    private static Script ReadIndex()
    {
        var script = new Script(3);
        script.Tell("n1 leads. A read takes one round of heartbeats and no log entry.");
        script.Timeout("n1");
        script.Read("n1");
        script.Tell("n1 is cut off, and does not know it. n2 is elected and commits an entry.");
        script.Part(["n1"], ["n2", "n3"]);
        script.Wait();
        script.Timeout("n2");
        script.Propose("n2");
        script.Tell("A read that n1 is asked now waits for an answer that cannot come.");
        script.Read("n1");
        script.Tell("When n1 looks whether it still reaches a majority, it does not (check-quorum, §6.2 of the dissertation): it steps down and refuses the read.");
        script.Timeout("n1");
        script.Table();
        script.Require(!script.Leads("n1"), "n1 does not lead");
        return script;
    }
}
