using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Akka.Actor;
using Google.Protobuf;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// Bounds what clients have between the sockets of a node and its gateway. Remoting hands frames from actor to actor and never says that it
/// is behind; so behind each batch of frames goes a mark, the gateway gives it back, and only then does that connection's next batch but
/// one come in. A few connections at a time have batches on their way, in turn, so that neither the mailboxes nor the thread pool fill up
/// with the work of clients. Connections of other nodes do not pass here.
/// </summary>
internal sealed class InboundGate : IExtension
{
    /// <summary>The most frames of a batch.</summary>
    public const int BatchFrames = 64;

    /// <summary>A batch ends with the frame that reaches this many bytes.</summary>
    public const int BatchBytes = 128 * 1024;

    /// <summary>The manifest of a mark; it is made and read in one process and never sent.</summary>
    public const string Manifest = "mark";

    private const int ConnectionsAtOnce = 8;
    private const int SecretBytes = 16;

    private readonly ConcurrentDictionary<long, InboundPassage> _passages = new();
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(SecretBytes);
    private long _last;
    private volatile string? _gateway;

    /// <summary>Of an actor system.</summary>
    public static InboundGate Of(ActorSystem system) => Provider.Instance.Apply(system);

    /// <summary>The connections that may have frames on their way.</summary>
    public SemaphoreSlim Turns { get; } = new(ConnectionsAtOnce, ConnectionsAtOnce);

    /// <summary>From now on connections of clients pass here. Until then, and in a client, all pass freely.</summary>
    /// <param name="gateway">The full path of the actor that gives marks back.</param>
    public void Open(string gateway) => _gateway = gateway;

    /// <summary>The passage of a connection; null while there is no gate.</summary>
    public InboundPassage? Enter()
    {
        if (_gateway is not { } gateway)
            return null;
        var number = Interlocked.Increment(ref _last);
        var passage = new InboundPassage(this, number, MarkOf(gateway, number));
        _passages[number] = passage;
        return passage;
    }

    /// <summary>The connection has ended.</summary>
    public void Leave(long number) => _passages.TryRemove(number, out _);

    /// <summary>Finds the passage of a mark; false where the bytes are none of ours.</summary>
    public bool TryFind(ReadOnlySpan<byte> mark, [NotNullWhen(true)] out InboundPassage? passage)
    {
        passage = null;
        return mark.Length == SecretBytes + sizeof(long)
            && CryptographicOperations.FixedTimeEquals(mark[..SecretBytes], _secret)
            && _passages.TryGetValue(BitConverter.ToInt64(mark[SecretBytes..]), out passage);
    }

    // As a remote message that came in: Akka's frame around a container around an envelope around a payload.
    private ByteString MarkOf(string gateway, long number)
    {
        byte[] mark = [.. _secret, .. BitConverter.GetBytes(number)];
        var payload = Message(output =>
        {
            Write(output, 1, ByteString.CopyFrom(mark));
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt32(RaftQueueSerializer.Number);
            Write(output, 3, ByteString.CopyFromUtf8(Manifest));
        });
        var envelope = Message(output =>
        {
            Write(output, 1, Message(reference => Write(reference, 1, ByteString.CopyFromUtf8(gateway))));
            Write(output, 2, payload);
            output.WriteTag(5, WireFormat.WireType.Fixed64);
            output.WriteFixed64(ulong.MaxValue); // no system message, so without a number
        });
        return Message(frame => Write(frame, 1, Message(container => Write(container, 2, envelope))));
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            write(output);
        return ByteString.CopyFrom(bytes.ToArray());
    }

    private static void Write(CodedOutputStream output, int field, ByteString bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(bytes);
    }

    private sealed class Provider : ExtensionIdProvider<InboundGate>
    {
        public static readonly Provider Instance = new();

        public override InboundGate CreateExtension(ExtendedActorSystem system) => new();
    }
}

/// <summary>A mark that has come to the gateway: everything that its connection sent before has come there, too.</summary>
internal sealed record InboundMark(InboundPassage Passage);
