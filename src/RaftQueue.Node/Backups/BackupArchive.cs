using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Backups;

/// <summary>The names in a backup, which is a ZIP archive.</summary>
internal static class BackupNames
{
    public const string Contents = "backup.json";
    public const string ContentsHash = "backup.json.sha256";

    private const int MaxPieceName = 128;

    public static string Memory(GroupId group) => $"{group}/memory";

    public static string Manifest(GroupId group) => $"{group}/manifest";

    public static string Piece(GroupId group, string name) => $"{group}/pieces/{name}";

    /// <summary>A part of the log.</summary>
    public static string Log(GroupId group, int part) => $"{group}/log/{part}";

    /// <summary>The most bytes that a file of this name may have; null where a backup has no such file.</summary>
    public static long? LargestOf(GroupId group, string name)
    {
        if (name == Memory(group))
            return RestoredLog.LargestRecord;
        if (name == Manifest(group))
            return Bounds.MaxPieceBytes;
        var parts = name.Split('/');
        if (parts.Length != 3 || parts[0] != group.ToString())
            return null;
        return parts[1] switch
        {
            "log" when int.TryParse(parts[2], out var part) && part >= 0 && name == Log(group, part) => RestoredLog.LargestRecord,
            "pieces" when IsPieceName(parts[2]) => Bounds.MaxPieceBytes,
            _ => null,
        };
    }

    private static bool IsPieceName(string name) =>
        name.Length is > 0 and <= MaxPieceName
        && name.Trim('.').Length > 0
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}

/// <summary>Writes a backup. It has its name only when it is whole and on disk, and only its owner can read it.</summary>
internal sealed class BackupWriter : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly ZipArchive _archive;

    public BackupWriter(string path)
    {
        if (File.Exists(path))
            throw new BackupException($"{path} exists already; a backup is not overwritten.");
        _path = path;
        File.Delete($"{path}.part"); // what an interrupted backup left would keep its mode
        _file = RestrictedFiles.Open($"{path}.part", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        _archive = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
    }

    /// <summary>Adds a file.</summary>
    /// <returns>The line that the contents have for it.</returns>
    public BackupFile Add(string name, ReadOnlySpan<byte> bytes)
    {
        using var entry = _archive.CreateEntry(name, CompressionLevel.Fastest).Open();
        entry.Write(bytes);
        return new BackupFile(name, bytes.Length, HashOf(bytes));
    }

    public void Finish(BackupContents contents)
    {
        var bytes = contents.ToUtf8();
        Add(BackupNames.ContentsHash, Encoding.ASCII.GetBytes(Add(BackupNames.Contents, bytes).Sha256));
        _archive.Dispose();
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move($"{_path}.part", _path);
        DurableFile.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
    }

    public void Dispose()
    {
        _archive.Dispose();
        _file.Dispose();
        File.Delete($"{_path}.part"); // where it is not finished
    }

    internal static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
