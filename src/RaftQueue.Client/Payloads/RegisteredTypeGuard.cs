using System.Collections.Concurrent;
using Hyperion;
using Hyperion.SerializerFactories;
using Hyperion.ValueSerializers;

namespace RaftQueue.Client.Payloads;

/// <summary>
/// Hyperion asks this factory first when it meets a type for the first time. It serializes nothing by itself: it stops types that are not registered,
/// also deep within a payload, so that nothing is sent that nobody could read back.
/// </summary>
internal sealed class RegisteredTypeGuard(RegisteredTypeFilter filter) : ValueSerializerFactory
{
    public override bool CanSerialize(Serializer serializer, Type type) => Check(type);

    public override bool CanDeserialize(Serializer serializer, Type type) => Check(type);

    public override ValueSerializer BuildSerializer(Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping) =>
        throw new NotSupportedException("The guard lets types through or stops them; it serializes none.");

    private bool Check(Type type) => filter.IsAllowed(type) ? false : throw PayloadRegistry.Unregistered(type);
}
