using Akka.Actor;
using Akka.Serialization;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>Bytes that claim to be one of our messages.</summary>
public sealed record RawFrame(string Manifest, byte[] Bytes);

/// <summary>Puts a <see cref="RawFrame"/> on the wire under the number of our serializer, and reads what comes back as a client does.</summary>
public sealed class RawFrameSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => RaftQueueSerializer.Number;

    public override string Manifest(object o) => ((RawFrame)o).Manifest;

    public override byte[] ToBinary(object obj) => ((RawFrame)obj).Bytes;

    public override object FromBinary(byte[] bytes, string manifest) => WireCodec.Decode(manifest, bytes);
}
