namespace RaftQueue.Client.Payloads;

/// <summary>
/// Which types can be payloads. Bytes (<c>byte[]</c>, <see cref="ReadOnlyMemory{T}"/>) and <c>string</c> always can; other types only once
/// they are registered, or have a serializer of their own.
/// </summary>
public sealed class PayloadRegistry
{
    private readonly Dictionary<string, Type> _typesByName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _namesByType = [];
    private readonly Dictionary<Type, object> _serializers = new()
    {
        [typeof(byte[])] = new ByteArrayPayloads(),
        [typeof(ReadOnlyMemory<byte>)] = new MemoryPayloads(),
        [typeof(string)] = new TextPayloads(),
    };

    private RegisteredTypeSerializer? _registered;

    /// <summary>
    /// Lets a .NET type be written and read back, as a payload or as part of one: every class, struct and enum that a payload holds must be
    /// registered, down to common types and collections of the base library.
    /// </summary>
    /// <typeparam name="T">The type. Readers need the same type from an assembly of the same name.</typeparam>
    /// <param name="name">A short name that messages carry as their content type; the same wherever they are read.</param>
    /// <exception cref="ArgumentException">The name or the type is registered differently already.</exception>
    public PayloadRegistry RegisterType<T>(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (_typesByName.TryGetValue(name, out var type) && type != typeof(T))
            throw new ArgumentException($"The payload name '{name}' stands for {type} already; choose another for {typeof(T)}.", nameof(name));
        if (_namesByType.TryGetValue(typeof(T), out var other) && other != name)
            throw new ArgumentException($"{typeof(T)} is registered as '{other}' already and cannot also be '{name}'.", nameof(name));
        _typesByName[name] = typeof(T);
        _namesByType[typeof(T)] = name;
        _registered = null;
        return this;
    }

    /// <summary>Writes and reads payloads of a type by a serializer of the application's own, instead of any built-in one.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="serializer">The serializer.</param>
    public PayloadRegistry UseSerializer<T>(IPayloadSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        if (serializer.ContentType is null)
            throw new ArgumentException($"{serializer.GetType()} has no content type (null).", nameof(serializer));
        _serializers[typeof(T)] = serializer;
        return this;
    }

    /// <summary>The serializer for payloads of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="UnregisteredTypeException">There is none: the type is not registered.</exception>
    public IPayloadSerializer<T> SerializerOf<T>()
    {
        if (_serializers.TryGetValue(typeof(T), out var serializer))
            return (IPayloadSerializer<T>)serializer;
        if (!_namesByType.TryGetValue(typeof(T), out var name))
            throw Unregistered(typeof(T));
        return new RegisteredPayloads<T>(name, _registered ??= new RegisteredTypeSerializer(_typesByName));
    }

    /// <summary>An independent registry of the same types: what is registered later on one does not reach the other.</summary>
    internal PayloadRegistry Copy()
    {
        var copy = new PayloadRegistry();
        foreach (var (name, type) in _typesByName)
            (copy._typesByName[name], copy._namesByType[type]) = (type, name);
        foreach (var (type, serializer) in _serializers)
            copy._serializers[type] = serializer;
        return copy;
    }

    internal static UnregisteredTypeException Unregistered(Type type) =>
        new(type.FullName ?? type.Name, $"{type} is not registered as a payload type. Add options.RegisterType<{type.Name}>(\"name\") before connecting, or give it a serializer by options.UseSerializer.");
}
