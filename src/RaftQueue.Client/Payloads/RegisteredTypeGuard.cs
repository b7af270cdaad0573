using System.Collections.Concurrent;
using Hyperion;
using Hyperion.SerializerFactories;
using Hyperion.ValueSerializers;

namespace RaftQueue.Client.Payloads;

/// <summary>
/// Hyperion asks this factory first when it meets a type for the first time. It serializes nothing by itself: it stops types that are not
/// registered, also deep within a payload, so that nothing is sent that nobody could read back.
/// </summary>
internal sealed class RegisteredTypeGuard(RegisteredTypeFilter filter) : ValueSerializerFactory
{
    // One for each type that was ever stopped: as bounded as the application's types.
    private readonly ConcurrentDictionary<string, UnregisteredTypeException> _errors = new(StringComparer.Ordinal);

    public override bool CanSerialize(Serializer serializer, Type type) => Check(type);

    public override bool CanDeserialize(Serializer serializer, Type type) => Check(type);

    public override ValueSerializer BuildSerializer(Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping) =>
        throw new NotSupportedException("The guard lets types through or stops them; it serializes none.");

    /// <summary>
    /// Hyperion passes on only the words of an exception: the error that these are of, or null where they are not this guard's.
    /// </summary>
    public UnregisteredTypeException? ErrorSaying(string message) => _errors.GetValueOrDefault(message);

    private bool Check(Type type)
    {
        if (filter.FirstStranger(type) is not { } stranger)
            return false;
        var error = PayloadRegistry.Unregistered(stranger);
        _errors.TryAdd(error.Message, error);
        throw error;
    }
}
