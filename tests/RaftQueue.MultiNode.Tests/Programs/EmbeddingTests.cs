using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RaftQueue.Client;
using RaftQueue.Node;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>A node within an application that builds its actor system with Akka.Hosting, as the README shows it.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class EmbeddingTests
{
    [Fact]
    public async Task An_application_is_a_node_and_uses_the_queue_within_its_own_actor_system()
    {
        using var folder = new TemporaryFolder();
        var config = ConfigurationFactory.ParseString($$"""
            raftqueue { node = n1, members = [n1], storage.data-directory = "{{folder.PathOf("data")}}" }
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            """);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddAkka("application", akka => akka.WithRaftQueue(config));
        using var host = builder.Build();
        await host.StartAsync();

        var system = host.Services.GetRequiredService<ActorSystem>();
        var options = new RaftQueueClientOptions { ConnectTimeout = Programs.Deadline, RequestTimeout = Programs.Deadline };
        options.Nodes.Add(((ExtendedActorSystem)system).Provider.DefaultAddress.ToString());
        await using (var client = await RaftQueueClient.ConnectAsync(system, options))
        {
            await client.DeclareQueueAsync("orders");
            await using var producer = client.CreateProducer<string>("orders");
            await producer.SendAsync("one espresso");
            var message = Assert.Single(await client.ReceiveAsync<string>("orders", wait: TimeSpan.FromSeconds(10)));
            Assert.Equal("one espresso", message.Payload);
            await message.AckAsync();
        }

        await host.StopAsync();
        Assert.True(system.WhenTerminated.IsCompleted, "The node did not stop with its application.");
    }
}
