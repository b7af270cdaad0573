using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Akka's way to <see cref="WireCodec"/>. It reads the manifests of <see cref="Manifests"/> and nothing else.</summary>
/// <param name="system">The system it serves.</param>
public sealed class RaftQueueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number that travels with each message, for ever.</summary>
    public const int Number = 7410;

    /// <summary>What an actor system needs in its configuration to use this serializer; belongs beneath the application's own.</summary>
    public static Config Config { get; } = ConfigurationFactory.FromResource<RaftQueueSerializer>("RaftQueue.Contracts.Wire.reference.conf");

    /// <inheritdoc />
    public override int Identifier => Number;

    /// <inheritdoc />
    public override string Manifest(object o) => WireCodec.ManifestOf(o);

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => WireCodec.Encode(obj);

    /// <inheritdoc />
    /// <returns>The message, or <see cref="Unreadable"/> where the bytes are none: the receiver answers for it, and the connection lives on.</returns>
    public override object FromBinary(byte[] bytes, string manifest)
    {
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
}
