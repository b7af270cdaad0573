namespace RaftQueue.Simulation.Transcripts;

/// <summary>How servers come and go (§6; dissertation, §4).</summary>
internal static class MembershipScenarios
{
    public static IReadOnlyList<Transcript> All { get; } =
    [
        new(
            "00-founding.txt",
            "A group is founded",
            """
            The paper takes the first configuration for given. Here a server that lost its data must not be taken for one on its first day: so only the first of the
            listed servers founds the group, and only when every other has said that it knows of none. It writes down the lives that answered. The log of the group
            opens with them, and there the others learn who the members are.
            """,
            Founding),
        new(
            "20-add-a-server.txt",
            "A server is added",
            """
            Members change one at a time, by an entry in the log that is used as soon as it is there (dissertation, §4.1). A new server starts as a learner: it gets
            the log but does not count, so an empty log does not weaken the group. When it has caught up, the leader makes it a voter by a second entry (§4.2.1).
            """,
            AddServer),
        new(
            "21-remove-the-leader.txt",
            "The leader is removed",
            """
            A leader that is asked to remove itself leads on until that is committed, without counting itself; then it names a successor and steps down (dissertation, §4.2.2).
            """,
            RemoveLeader),
        new(
            "22-lost-disk.txt",
            "A server loses its disk",
            """
            A server that comes back with an empty disk has forgotten its votes and its acknowledgements: the majority that they made up may be gone. Each
            life of a server's data has an incarnation id, which the log names. The returned server gives no vote for its former life; the leader finds out and
            takes it in again as a learner, and as a voter once it has caught up.
            """,
            LostDisk),
    ];

    private static Script Founding()
    {
        var script = new Script(3, isFounded: false);
        script.Tell("n3 is not there yet. The first of the three asks who is, and waits.");
        script.Crash("n3");
        script.Timeout("n1");
        script.Tell("n3 starts. Now all have answered: n1 founds the group, and is elected.");
        script.Start("n3");
        script.Wait();
        script.Timeout("n1");
        script.Table();
        script.Require(script.Leads("n1") && script.Ends("n3", 1), "n1 leads, and n3 has the members in its log");
        script.Tell("n1 loses its data. It would found again; but the others know of a group, so it waits to be taken in.");
        script.LoseDisk("n1");
        script.Wait();
        script.Timeout("n1");
        script.Tell("The others elect, and take it in.");
        script.Timeout("n2");
        script.Heartbeat("n2");
        script.Heartbeat("n2");
        script.Heartbeat("n2");
        script.Table();
        script.Require(script.Leads("n2") && script.CommitOf("n1") > 0, "n2 leads and n1 follows");
        return script;
    }

    private static Script AddServer()
    {
        var script = new Script(3, spares: 1);
        script.Tell("n1 leads three servers. n4 runs and waits.");
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("An operator adds n4.");
        script.Add("n1", "n4");
        script.Tell("It has caught up: with a heartbeat it becomes a voter.");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.CommitOf("n4") == script.CommitOf("n1"), "n4 has everything");
        return script;
    }

    private static Script RemoveLeader()
    {
        var script = new Script(3);
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("An operator removes the leader n1.");
        script.Remove("n1", "n1");
        script.Table();
        script.Require(!script.Leads("n1") && (script.Leads("n2") || script.Leads("n3")), "another leads");
        return script;
    }

    private static Script LostDisk()
    {
        var script = new Script(3);
        script.Timeout("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Propose("n1");
        script.Heartbeat("n1");
        script.Tell("n3 loses its disk, and starts with an empty one.");
        script.LoseDisk("n3");
        script.Tell("The leader still speaks to the life that is gone. n3 says who it is now; the leader takes that life in as a learner.");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Tell("It has caught up, and votes again.");
        script.Heartbeat("n1");
        script.Heartbeat("n1");
        script.Table();
        script.Require(script.CommitOf("n3") == script.CommitOf("n1"), "n3 has everything");
        return script;
    }
}
