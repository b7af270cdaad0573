using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Wire;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Overload;

/// <summary>
/// A client that is nothing but a socket, so that there can be a thousand of them, and so that one can stop reading. It speaks as much of Akka's wire protocol as it takes: frames with
/// a length before them, a handshake, heartbeats, and messages to a node's gateway.
/// </summary>
internal sealed class SocketClient : IDisposable
{
    private const int Associate = 1;
    private const int Heartbeat = 3;
    private const byte MessageTag = 0x0A; // the first field of Akka's frame is a message, the second an instruction

    private readonly Socket _socket;
    private readonly string _gateway;
    private readonly string _self;
    private int _messages;

    private SocketClient(Socket socket, TestNode node, string self) =>
        (_socket, _gateway, _self) = (socket, $"{node.Address}/user/raftqueue/gateway", self);

    /// <summary>How many messages it was sent so far.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="node">Whom to.</param>
    /// <param name="number">Tells it from the others.</param>
    /// <param name="receiveBuffer">How much the system takes in for a client that does not read.</param>
    public static async Task<SocketClient> OpenAsync(TestNode node, int number, int receiveBuffer = 8 * 1024)
    {
        var target = new Uri(node.Address.Replace("akka.tcp", "tcp", StringComparison.Ordinal));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(IPAddress.Parse(target.Host), target.Port);
        // Nobody listens there: the node answers over the connection that it got.
        var client = new SocketClient(socket, node, $"akka.tcp://socket{number}@{Loopback.Host}:1");
        client.Write(Instruction(Associate, Handshake(number)));
        if (await client.NextFrameAsync(CancellationToken.None) is null)
            throw new IOException($"{node} does not shake hands.");
        return client;
    }

    /// <summary>A sign of life.</summary>
    public void Beat() => Write(Instruction(Heartbeat, []));

    /// <summary>Tells the gateway something.</summary>
    public void Tell(IClientMessage message)
    {
        var payload = Message(output =>
        {
            Write(output, 1, WireCodec.Encode(message));
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt32(RaftQueueSerializer.Number);
            Write(output, 3, System.Text.Encoding.UTF8.GetBytes(WireCodec.ManifestOf(message)));
        });
        var envelope = Message(output =>
        {
            Write(output, 1, Reference(_gateway));
            Write(output, 2, payload);
            Write(output, 4, Reference($"{_self}/user/client"));
            output.WriteTag(5, WireFormat.WireType.Fixed64);
            output.WriteFixed64(ulong.MaxValue); // no system message, so without a number
        });
        Write(Message(output => Write(output, 1, Message(container => Write(container, 2, envelope)))));
    }

    /// <summary>Reads, and counts the messages, until it is disposed or <paramref name="stop"/> says so.</summary>
    public async Task ReadAsync(CancellationToken stop)
    {
        while (await NextFrameAsync(stop) is { } frame)
        {
            if (frame[0] == MessageTag)
                Interlocked.Increment(ref _messages);
        }
    }

    /// <summary>Whether the node has closed the connection; what it sent before that is read and thrown away.</summary>
    public async Task<bool> IsClosedAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await ReadAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> NextFrameAsync(CancellationToken stop)
    {
        var header = new byte[4];
        if (!await FillAsync(header, stop))
            return null;
        var frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
        return await FillAsync(frame, stop) ? frame : null;
    }

    private async Task<bool> FillAsync(Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = await _socket.ReceiveAsync(buffer, stop);
                if (read == 0)
                    return false;
                buffer = buffer[read..];
            }

            return true;
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Write(byte[] frame)
    {
        var bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Length);
        frame.CopyTo(bytes, 4);
        _socket.Send(bytes);
    }

    private static byte[] Instruction(int command, byte[] handshake) => Message(output => Write(output, 2, Message(instruction =>
    {
        instruction.WriteTag(1, WireFormat.WireType.Varint);
        instruction.WriteEnum(command);
        if (handshake.Length > 0)
            Write(instruction, 2, handshake);
    })));

    private static byte[] Handshake(int number) => Message(output =>
    {
        Write(output, 1, Message(address =>
        {
            Write(address, 1, System.Text.Encoding.UTF8.GetBytes($"socket{number}"));
            Write(address, 2, System.Text.Encoding.UTF8.GetBytes(Loopback.Host));
            address.WriteTag(3, WireFormat.WireType.Varint);
            address.WriteUInt32(1);
            Write(address, 4, "tcp"u8.ToArray()); // of the socket; the receiver puts "akka." before it
        }));
        output.WriteTag(2, WireFormat.WireType.Fixed64);
        output.WriteFixed64((ulong)number);
    });

    private static byte[] Reference(string path) => Message(output => Write(output, 1, System.Text.Encoding.UTF8.GetBytes(path)));

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            write(output);
        return bytes.ToArray();
    }

    private static void Write(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }
}
