using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Hyperion;
using Hyperion.Internal;
using Hyperion.ValueSerializers;

namespace RaftQueue.Client.Payloads;

/// <summary>
/// Hyperion, tied down. By itself it would make whatever type the bytes name, delegates included; here both ways are guarded: bytes may
/// only name registered types (<see cref="RegisteredTypeFilter"/>), and only such are written (<see cref="RegisteredTypeGuard"/>).
/// </summary>
internal sealed class RegisteredTypeSerializer
{
    private readonly FrozenDictionary<string, Type> _types;
    private readonly RegisteredTypeGuard _guard;
    private readonly Serializer _hyperion;

    public RegisteredTypeSerializer(IReadOnlyDictionary<string, Type> typesByName)
    {
        _types = typesByName.ToFrozenDictionary(StringComparer.Ordinal);
        var filter = new RegisteredTypeFilter(_types.Values);
        _guard = new RegisteredTypeGuard(filter);
        _hyperion = new Serializer(SerializerOptions.Default
            .WithPreserveObjectReferences(true)
            .WithIgnoreSerializable(true)
            .WithSerializerFactory([_guard])
            .WithTypeFilter(filter)
            .WithDisallowUnsafeType(true));
    }

    public bool Knows(string name, out Type? type) => _types.TryGetValue(name, out type);

    public ReadOnlyMemory<byte> Serialize<T>(T payload)
    {
        using var stream = new MemoryStream();
        try
        {
            _hyperion.Serialize(payload, stream);
        }
        catch (UnsupportedTypeException problem) when (_guard.ErrorSaying(problem.Message) is { } stopped)
        {
            throw new UnregisteredTypeException(stopped.TypeName, stopped.Message, problem);
        }
        catch (Exception problem) when (problem is not PayloadException)
        {
            throw new PayloadException($"The payload of the type {typeof(T)} cannot be written: {problem.Message}", problem);
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    public object? Deserialize(ReadOnlyMemory<byte> bytes)
    {
        using var stream = MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
        try
        {
            return _hyperion.Deserialize<object>(stream);
        }
        catch (EvilDeserializationException problem)
        {
            throw new UnregisteredTypeException(problem.BadTypeString, $"The payload holds a '{problem.BadTypeString}', which is not registered here. Add options.RegisterType for it before connecting, or reject the message.", problem);
        }
        // Bytes from elsewhere can break the reader in any way; each is the same to the caller: no payload.
        catch (Exception problem) when (problem is not PayloadException)
        {
            throw new PayloadException($"The payload cannot be read: {problem.Message}", problem);
        }
    }
}
