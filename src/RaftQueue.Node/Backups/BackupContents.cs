using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftQueue.Node.Backups;

/// <summary>What is in a backup: its first words, by which everything else in it is checked.</summary>
/// <param name="Format">The layout of the backup; a program refuses one that is newer than it knows.</param>
/// <param name="Node">The node whose replicas were copied.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Groups">Every Raft group of the cluster.</param>
public sealed record BackupContents(
    [property: JsonPropertyName("format")] int Format,
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("takenAt")] DateTimeOffset TakenAt,
    [property: JsonPropertyName("groups")] IReadOnlyList<BackupGroup> Groups)
{
    internal const int CurrentFormat = 2;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    internal static BackupContents Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<BackupContents>(utf8, Json) ?? throw new JsonException("The contents are null.");

    /// <summary>The format alone, of contents that may be of another version.</summary>
    internal static int FormatOf(ReadOnlyMemory<byte> utf8)
    {
        using var contents = JsonDocument.Parse(utf8);
        return contents.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("format", out var format)
            && format.ValueKind == JsonValueKind.Number && format.TryGetInt32(out var number)
            ? number
            : throw new JsonException("Its contents name no format.");
    }

    internal byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

/// <summary>One Raft group in a backup.</summary>
/// <param name="Group">Its number.</param>
/// <param name="Members">The members it had.</param>
/// <param name="LastIndex">The last entry of its log that is in the backup; all of them are committed, unless the node did not run.</param>
/// <param name="Files">Its memory, its log in parts, and the manifest and the pieces of its snapshot.</param>
/// <param name="LastTerm">
/// The term of the last entry: of two nodes that do not run, the one with the later term, or in the same term with the later index, has
/// more of what was confirmed.
/// </param>
public sealed record BackupGroup(
    [property: JsonPropertyName("group")] int Group,
    [property: JsonPropertyName("members")] IReadOnlyList<string> Members,
    [property: JsonPropertyName("lastIndex")] long LastIndex,
    [property: JsonPropertyName("files")] IReadOnlyList<BackupFile> Files,
    [property: JsonPropertyName("lastTerm")] long LastTerm = 0);

/// <summary>A file in a backup.</summary>
/// <param name="Name">Its name in the archive.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The hash of its bytes, in hex.</param>
public sealed record BackupFile(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("sha256")] string Sha256);
