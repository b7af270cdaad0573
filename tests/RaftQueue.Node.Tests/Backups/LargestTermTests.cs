using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Backups;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Raft;
using RaftQueue.Node.Tests.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Backups;

/// <summary>Data that got the largest term elects nobody. Its messages come back by a backup of the stopped node, and a restore.</summary>
public sealed class LargestTermTests : IDisposable
{
    private static readonly QueueName Orders = new("orders");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Category", "Fault")]
    public async Task F16_What_a_node_of_the_largest_term_has_is_restored_into_a_cluster_that_elects_again()
    {
        await PoisonAsync();
        await using (var poisoned = Start("data"))
        {
            var status = await StatusAsync(poisoned, status => status.Health.Contains("none comes after it", StringComparison.Ordinal));
            Assert.False(status.IsHealthy);
            Assert.Null(status.Leader);
        }

        var contents = NodeBackup.Take(RaftQueueSettings.Create(ConfigOf("data")), committed: null, _folder.PathOf("n1.backup"));
        Assert.Equal((2L, 1L), (contents.Groups[0].LastIndex, contents.Groups[0].LastTerm));
        await NodeRestore.RunAsync(ConfigOf("restored"), _folder.PathOf("n1.backup"));

        await using var restored = Start("restored");
        var led = await StatusAsync(restored, status => status.Leader is not null);
        Assert.Equal(3, led.Term.Value); // after that of the last entry: one for the restored log, one for the election
        Assert.Equal(new Declared(Orders, IsNew: false), await AskAsync(restored, new CommandRequest(1, new GroupId(0), Declare())));
    }

    private static byte[] Declare() => CommandCodec.Encode(new DeclareQueue(Orders, QueueOptions.Default));

    // A log of two entries in term 1, and after it the largest term that fits a record.
    private async Task PoisonAsync()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        var members = ConfigurationCodec.Encode(Configuration.OfVoters([Members.Node(1)]));
        replica.Remember([new Voted(new Term(1), Members.Node(1))]);
        replica.Remember([new EntriesAppended(
        [
            new Entry(new LogIndex(1), new Term(1), new LogTime(1), EntryKind.Configuration, members),
            new Entry(new LogIndex(2), new Term(1), new LogTime(2), EntryKind.Command, Declare()),
        ])]);
        var last = replica.Remember([new Voted(new Term(long.MaxValue), null)]).Number;
        bench.Raft.FishForMessage<Remembered>(remembered => remembered.Number == last, JournalBench.Deadline);
    }

    private RaftQueueNode Start(string directory) => RaftQueueNode.Start(ConfigOf(directory));

    private Config ConfigOf(string directory) => ConfigurationFactory.ParseString($$"""
        raftqueue { node = n1, members = [n1], storage.data-directory = "{{_folder.PathOf(directory)}}" }
        akka { loglevel = ERROR, stdout-loglevel = OFF }
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """);

    private static async Task<ReplicaStatus> StatusAsync(RaftQueueNode node, Func<ReplicaStatus, bool> isExpected)
    {
        using var deadline = new CancellationTokenSource(JournalBench.Deadline);
        using var attempts = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await attempts.WaitForNextTickAsync(deadline.Token))
        {
            if (await AskAsync(node, new AdminRequest(1, new GroupId(0), GetStatus.Instance)) is ReplicaStatus status && isExpected(status))
                return status;
        }

        throw new TimeoutException("The node never had the expected status.");
    }

    // Until the gateway is there nobody answers.
    private static async Task<IReply?> AskAsync(RaftQueueNode node, IClientMessage request)
    {
        try
        {
            return (await node.System.ActorSelection("/user/raftqueue/gateway").Ask<ClientReply>(request, TimeSpan.FromSeconds(5))).Reply;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
