using System.Text.Json;
using System.Text.Json.Serialization;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Whose data this is. The incarnation is drawn once, when the data is created: a node that lost its data comes back with another
/// one, by which the others know that it forgot its votes and may not vote under its old identity.
/// </summary>
/// <param name="Node">The node's name.</param>
/// <param name="Incarnation">The life of the node's data.</param>
/// <param name="FormatVersion">The layout of the directory; a program refuses one that is newer than it knows.</param>
/// <param name="Rejoins">
/// The data that was here was set aside: the node forms no cluster, whatever its configuration says, and waits to be taken in by the one that there is.
/// </param>
/// <param name="Groups">
/// The number of Raft groups that the data was made with; null in the identity of an older version, until the next start.
/// </param>
/// <param name="System">The name of the actor system; null likewise.</param>
/// <param name="Storage">The database and the place in it; null likewise.</param>
internal sealed record NodeIdentity(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("incarnation")] Guid Incarnation,
    [property: JsonPropertyName("formatVersion")] int FormatVersion,
    [property: JsonPropertyName("rejoins")] bool Rejoins = false,
    [property: JsonPropertyName("groups")] int? Groups = null,
    [property: JsonPropertyName("system")] string? System = null,
    [property: JsonPropertyName("storage")] string? Storage = null)
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>What may never change for this data.</summary>
    [JsonIgnore]
    public FixedSettings Fixed => new(Groups, System, Storage);

    public static NodeIdentity Fresh(string node) => new(node, Guid.NewGuid(), CurrentFormat);

    /// <summary>Parses an identity file.</summary>
    /// <exception cref="JsonException">The text is not an identity.</exception>
    public static NodeIdentity Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<NodeIdentity>(utf8, Json) ?? throw new JsonException("The file holds null.");

    public byte[] ToUtf8() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];
}
