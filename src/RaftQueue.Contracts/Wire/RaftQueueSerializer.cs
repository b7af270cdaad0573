using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Serialization;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Contracts.Wire;

/// <summary>Akka's way to <see cref="WireCodec"/>. It reads the manifests of <see cref="Manifests"/> and nothing else.</summary>
/// <param name="system">The system it serves.</param>
public sealed class RaftQueueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number that travels with each message, for ever.</summary>
    public const int Number = 7410;

    /// <summary>What an actor system needs in its configuration to use this serializer; belongs beneath the application's own.</summary>
    public static Config Config { get; } = ConfigurationFactory.FromResource<RaftQueueSerializer>("RaftQueue.Contracts.Wire.reference.conf");

    private readonly ThrottledLog _log = new(system.Log, TimeProvider.System);

    /// <inheritdoc />
    public override int Identifier => Number;

    /// <inheritdoc />
    public override string Manifest(object o) => WireCodec.ManifestOf(o);

    /// <inheritdoc />
    /// <remarks>
    /// Remoting discards a message that is larger than a frame. An answer that is too large becomes a refusal, so that whoever waits for it
    /// hears of it; anything else is a
    /// <see cref="MalformedException"/>, which remoting logs.
    /// </remarks>
    public override byte[] ToBinary(object obj)
    {
        var bytes = WireCodec.Encode(obj);
        CountEncoded(obj);
        if (bytes.Length <= Bounds.MaxWireBytes)
            return bytes;
        var refusal = TooLarge(obj, bytes.Length);
        _log.Log(LogLevel.ErrorLevel, "too large", Manifest(obj), refusal.Message);
        return obj is ClientReply reply
            ? WireCodec.Encode(reply with { Reply = refusal })
            : throw new MalformedException(refusal.Code, refusal.Message);
    }

    /// <inheritdoc />
    /// <returns>The message, or <see cref="Unreadable"/> where the bytes are none: the receiver answers for it, and the connection lives on.</returns>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (manifest == InboundGate.Manifest && InboundGate.Of(system).TryFind(bytes, out var passage))
            return new InboundMark(passage);
        try
        {
            return WireCodec.Decode(manifest, bytes);
        }
        catch (MalformedException malformed)
        {
            return new Unreadable(manifest, new Refused(malformed.Code, $"A message \"{manifest}\" cannot be read: {malformed.Message}"));
        }
        catch (UnknownManifestException unknown)
        {
            return new Unreadable(manifest, new Refused(RefusalCode.Malformed, unknown.Message));
        }
    }

    private static void CountEncoded(object message)
    {
        if (message is ClientReply { Watch: { } answered } reply)
            answered.Encoded(MessageWeight.Of(reply.Reply));
        else if (message is Deliver { Watch: { } delivered } deliver)
            delivered.Encoded(MessageWeight.Of(deliver));
    }

    private static Refused TooLarge(object message, int bytes)
    {
        var what = message is ClientReply { Reply: var reply } ? $"The answer {reply.GetType().Name}" : $"The message {WireCodec.ManifestOf(message)}";
        return new Refused(RefusalCode.TooLarge, $"{what} has {bytes} bytes; at most {Bounds.MaxWireBytes} can be sent. Ask for less at a time.");
    }
}
