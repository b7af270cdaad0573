using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

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
    /// <exception cref="UnknownManifestException">No message has this manifest.</exception>
    /// <exception cref="MalformedException">The bytes are no such message.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => WireCodec.Decode(manifest, bytes);
}
