using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using Akka.TestKit.Xunit2;
using Google.Protobuf;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;
using Xunit;

namespace RaftQueue.Node.Tests.Remoting;

/// <summary>The transport by itself and beneath Akka's remoting, over real sockets on loopback.</summary>
public sealed class SocketTransportTests() : TestKit(SocketTransport.Default.WithFallback(Remoting))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Config Remoting = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          actor.provider = remote
          remote.log-remote-lifecycle-events = off
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 1 MiB }
        }
        """;

    [Fact]
    public async Task It_understands_Akkas_own_transport_and_keeps_the_order_of_frames_of_all_sizes()
    {
        var stranger = ActorSystem.Create("stranger", Remoting);
        try
        {
            Sys.ActorOf<EchoActor>("echo");
            var echo = await stranger.ActorSelection($"{new RootActorPath(Address)}user/echo").ResolveOne(Patience);
            int[] sizes = [0, 1, 900_000, 10, 70_000, 3, 300_000];
            var asked = stranger.ActorOf(Props.Create(() => new CollectingActor(echo, sizes)));

            var came = await asked.Ask<List<int>>("all", Patience);

            Assert.Equal(sizes, came);
        }
        finally
        {
            await stranger.Terminate();
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\x05\x00\x00\x00hello")]
    public async Task Whoever_does_not_speak_Akka_is_cut_off(string text)
    {
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(Address.Host!, Address.Port!.Value);

        await stranger.GetStream().WriteAsync(text.Select(letter => (byte)letter).ToArray());

        Assert.Equal(0, await EndOfAsync(stranger.GetStream()));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F19_A_host_that_sends_nonsense_over_many_connections_makes_one_line_that_names_it()
    {
        var warnings = CreateTestProbe();
        Sys.EventStream.Subscribe(warnings, typeof(Warning));
        for (var i = 0; i < 50; i++)
        {
            using var stranger = new TcpClient();
            await stranger.ConnectAsync(Address.Host!, Address.Port!.Value);
            await stranger.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.Equal(0, await EndOfAsync(stranger.GetStream()));
        }

        Assert.Contains("The connection from 127.0.0.1:", warnings.ExpectMsg<Warning>(Patience).Message.ToString());
        Sys.Log.Warning("end");
        Assert.Equal("end", warnings.ExpectMsg<Warning>(Patience).Message.ToString());
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_named()
    {
        using var gone = Listening();
        var address = AddressOf(gone);
        gone.Stop();
        var transport = await ListeningAsync();

        var refusal = await Assert.ThrowsAsync<InvalidAssociationException>(() => transport.Associate(address));

        Assert.Contains($"127.0.0.1:{address.Port} cannot be reached", refusal.Message);
        Assert.True(await transport.Shutdown());
    }

    [Fact]
    public async Task What_was_written_before_closing_arrives()
    {
        using var peer = Listening();
        var transport = await ListeningAsync();
        var association = await transport.Associate(AddressOf(peer));
        using var other = await peer.AcceptTcpClientAsync();

        for (var i = 0; i < 1_000; i++)
            Assert.True(association.Write(ByteString.CopyFrom(new byte[1_000])));
        association.Disassociate("the test is over", Log);

        Assert.Equal(1_000 * (Frame.LengthBytes + 1_000), await EndOfAsync(other.GetStream()));
        Assert.False(association.Write(ByteString.Empty), "a closed connection takes nothing more");
        Assert.True(await transport.Shutdown());
    }

    [Fact]
    public async Task A_peer_that_does_not_read_keeps_nobody_from_closing()
    {
        using var peer = Listening();
        var transport = await ListeningAsync();
        var association = await transport.Associate(AddressOf(peer));
        using var other = await peer.AcceptTcpClientAsync();
        for (var i = 0; i < 50; i++)
            association.Write(ByteString.CopyFrom(new byte[1_000_000]));

        association.Disassociate("the test is over", Log);

        await ((Connection)association).WhenClosed.WaitAsync(Patience);
        Assert.True(await transport.Shutdown());
    }

    [Fact]
    public async Task A_connection_that_the_peer_closes_is_told_and_takes_nothing_more()
    {
        using var peer = Listening();
        var transport = await ListeningAsync();
        var association = await transport.Associate(AddressOf(peer));
        association.ReadHandlerSource.SetResult(new ActorHandleEventListener(TestActor));

        (await peer.AcceptTcpClientAsync()).Dispose();

        ExpectMsg<Disassociated>(Patience);
        await AwaitAssertAsync(() => Assert.False(association.Write(ByteString.Empty)), Patience);
        Assert.True(await transport.Shutdown());
    }

    [Fact]
    public void Encryption_without_our_certificates_is_refused_by_its_path()
    {
        var encrypted = ConfigurationFactory.ParseString("enable-ssl = on").WithFallback(TransportConfig);

        var refusal = Assert.Throws<RaftQueueConfigurationException>(() => new SocketTransport(Sys, encrypted));

        Assert.Equal("akka.remote.dot-netty.tcp.enable-ssl", refusal.Path);
        Assert.Contains("raftqueue.tls.enabled", refusal.Message);
    }

    [Fact]
    public void A_largest_frame_that_is_too_small_for_Akka_is_refused_by_its_path()
    {
        var small = ConfigurationFactory.ParseString("maximum-frame-size = 10 KiB").WithFallback(TransportConfig);

        var refusal = Assert.Throws<RaftQueueConfigurationException>(() => new SocketTransport(Sys, small));

        Assert.Equal("akka.remote.dot-netty.tcp.maximum-frame-size", refusal.Path);
    }

    private Address Address => ((ExtendedActorSystem)Sys).Provider.DefaultAddress;

    private Config TransportConfig => Sys.Settings.Config.GetConfig(TransportSettings.Section);

    private async Task<SocketTransport> ListeningAsync()
    {
        var transport = new SocketTransport(Sys, TransportConfig);
        await transport.Listen();
        return transport;
    }

    private static TcpListener Listening()
    {
        var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Start();
        return peer;
    }

    private Address AddressOf(TcpListener peer) => Address.WithPort(((IPEndPoint)peer.LocalEndpoint).Port);

    // How many bytes come before the other side closes.
    private static async Task<int> EndOfAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(Patience);
        var (all, room) = (0, new byte[64 * 1024]);
        while (await stream.ReadAsync(room, limit.Token) is > 0 and var bytes)
            all += bytes;
        return all;
    }

    private sealed class EchoActor : ReceiveActor
    {
        public EchoActor() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class CollectingActor : ReceiveActor
    {
        public CollectingActor(IActorRef echo, int[] sizes)
        {
            var came = new List<int>();
            IActorRef? asker = null;
            Receive<string>(_ =>
            {
                asker = Sender;
                foreach (var size in sizes)
                    echo.Tell(new byte[size]);
            });
            Receive<byte[]>(bytes =>
            {
                came.Add(bytes.Length);
                if (came.Count == sizes.Length)
                    asker!.Tell(came);
            });
        }
    }
}
