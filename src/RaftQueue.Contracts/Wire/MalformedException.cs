using System.Runtime.Serialization;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Bytes that are not what they claim to be, or values beyond their bounds. A <see cref="SerializationException"/>, as remoting expects of a
/// serializer: it drops the one message and keeps the connection.
/// </summary>
/// <param name="code">Why the gateway refuses it.</param>
/// <param name="message">What was wrong; names the field, the value and the bound where there are such.</param>
/// <param name="cause">What found it; null where we found it ourselves.</param>
public sealed class MalformedException(RefusalCode code, string message, Exception? cause = null) : SerializationException(message, cause)
{
    /// <summary>Why the gateway refuses it.</summary>
    public RefusalCode Code { get; } = code;
}

/// <summary>
/// A message of a kind that this version does not know. Like <see cref="MalformedException"/>, it costs only the one message.
/// </summary>
/// <param name="manifest">The unknown manifest.</param>
public sealed class UnknownManifestException(string manifest) : SerializationException(
    $"The manifest \"{Quote.Short(manifest)}\" is unknown: this version has no such message. Was it sent by a newer version, or by something else?")
{
    /// <summary>The unknown manifest.</summary>
    public string Manifest { get; } = manifest;
}
