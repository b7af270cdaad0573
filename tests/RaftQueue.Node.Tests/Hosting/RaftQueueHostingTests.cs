using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Hosting;

/// <summary>A node within an application that is built with Akka.Hosting.</summary>
public sealed class RaftQueueHostingTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly QueueName Orders = new("orders");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_application_starts_a_node_sends_and_stops()
    {
        using (var host = Build(_ => { }))
        {
            await host.StartAsync();
            var system = host.Services.GetRequiredService<ActorSystem>();
            Assert.Equal(new Declared(Orders, IsNew: true), await Declare(system));
            await host.StopAsync();
            Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        }

        using var again = Build(_ => { }); // nothing is forgotten
        await StartWhenDirectoryIsFree(again);
        Assert.Equal(new Declared(Orders, IsNew: false), await Declare(again.Services.GetRequiredService<ActorSystem>()));
        await again.StopAsync();
    }

    [Theory]
    [InlineData(HoconAddMode.Append)]
    [InlineData(HoconAddMode.Prepend)]
    public async Task The_applications_own_journal_stays_its_own(HoconAddMode mode)
    {
        using var host = Build(builder => builder.AddHocon("akka.persistence.journal.plugin = \"akka.persistence.journal.inmem\"", mode));
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();
        Assert.IsType<Declared>(await Declare(system));
        Assert.Equal("remembered", await system.ActorOf(Props.Create(() => new ApplicationActor())).Ask<string>("remember this", Deadline));
        await host.StopAsync();

        using var journal = new SqliteConnection($"Data Source={_folder.PathOf("data/journal.db")};Pooling=false");
        journal.Open();
        using var owners = journal.CreateCommand();
        owners.CommandText = "select group_concat(distinct persistence_id) from journal";
        Assert.Equal("raftqueue/n1/0/log", owners.ExecuteScalar());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F27_A_node_that_waits_for_its_peers_logs_whom_it_waits_for_and_no_stack_trace()
    {
        using var away = new ClosedPorts(2);
        using var host = Build(
            builder => builder.AddHocon($"akka {{ loglevel = INFO, loggers = [\"{typeof(ListLogger).AssemblyQualifiedName}\"] }}", HoconAddMode.Prepend),
            "n1, n2, n3",
            away.Ports);
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();

        await ListLogger.HasAsync(system, "Founding the cluster waits for n2, n3. The first start needs all of n1, n2, n3.", Deadline);
        foreach (var port in away.Ports)
            await ListLogger.HasAsync(system, $"No connection to the node at akka.tcp://app@127.0.0.1:{port}", Deadline);

        var serious = ListLogger.Of(system).Where(log => log.LogLevel() >= Akka.Event.LogLevel.WarningLevel).ToList();
        Assert.True(serious.Count == 3, string.Join(Environment.NewLine, serious));
        Assert.All(serious, log => Assert.Null(log.Cause));
        await host.StopAsync();
    }

    [Fact]
    public void A_wrong_setting_is_refused_when_the_application_is_built()
    {
        using var host = new HostBuilder().ConfigureServices(services => services.AddAkka("app", (builder, _) =>
            builder.WithRaftQueue(ConfigurationFactory.ParseString("raftqueue { node = n1, members = [n1], raft.heartbeat-intervall = 1s }")))).Build();
        var refused = Assert.ThrowsAny<Exception>(() => host.Start());
        Assert.Contains("heartbeat-intervall", refused.ToString(), StringComparison.Ordinal);
    }

    private static async Task<IReply> Declare(ActorSystem system)
    {
        var gateway = system.ActorSelection("/user/raftqueue/gateway");
        var command = CommandCodec.Encode(new DeclareQueue(Orders, QueueOptions.Default));
        using var deadline = new CancellationTokenSource(Deadline);
        using var attempts = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await attempts.WaitForNextTickAsync(deadline.Token))
        {
            // Until the gateway is there nobody answers, and until the only member has elected itself there is no leader.
            try
            {
                var reply = await gateway.Ask<ClientReply>(new CommandRequest(1, new GroupId(0), command), TimeSpan.FromSeconds(5));
                if (reply.Reply is not NotLeader)
                    return reply.Reply;
            }
            catch (AskTimeoutException)
            {
                continue;
            }
        }

        throw new TimeoutException($"No leader within {Deadline}.");
    }

    // The storage is closed when the actor system has ended, which is a moment after the application's host has.
    private static async Task StartWhenDirectoryIsFree(IHost host)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var attempts = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await attempts.WaitForNextTickAsync(deadline.Token))
        {
            try
            {
                await host.StartAsync();
                return;
            }
            catch (DataDirectoryException)
            {
                continue;
            }
        }
    }

    private IHost Build(Action<AkkaConfigurationBuilder> application, string members = "n1", params IEnumerable<int> seeds) => new HostBuilder()
        .ConfigureServices(services => services.AddAkka("app", (builder, _) =>
        {
            builder.AddHocon("akka { loglevel = ERROR, stdout-loglevel = OFF }", HoconAddMode.Append);
            builder.WithRaftQueue(ConfigurationFactory.ParseString($$"""
                raftqueue {
                  node = n1
                  members = [{{members}}]
                  storage.data-directory = "{{_folder.PathOf("data")}}"
                }
                akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                akka.cluster.seed-nodes = [{{string.Join(", ", seeds.Select(port => $"\"akka.tcp://app@127.0.0.1:{port}\""))}}]
                """));
            application(builder);
        }))
        .Build();

    private sealed class ApplicationActor : ReceivePersistentActor
    {
        public ApplicationActor() => Command<string>(text => Persist(text, _ => Sender.Tell("remembered")));

        public override string PersistenceId => "application";
    }
}
