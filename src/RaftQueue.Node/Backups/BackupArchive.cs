using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RaftQueue.Contracts;

namespace RaftQueue.Node.Backups;

/// <summary>The names in a backup, which is a ZIP archive.</summary>
internal static class BackupNames
{
    public const string Contents = "backup.json";
    public const string ContentsHash = "backup.json.sha256";

    public static string Memory(GroupId group) => $"{group}/memory";

    public static string Manifest(GroupId group) => $"{group}/manifest";

    public static string Piece(GroupId group, string name) => $"{group}/pieces/{name}";
}

/// <summary>Writes a backup. It has its name only when it is whole and on disk.</summary>
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
        _file = new FileStream($"{path}.part", FileMode.Create, FileAccess.ReadWrite);
        _archive = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
    }

    /// <summary>Adds a file.</summary>
    /// <returns>The line that the contents have for it.</returns>
    public BackupFile Add(string name, ReadOnlySpan<byte> bytes)
    {
        using var entry = _archive.CreateEntry(name, CompressionLevel.Fastest).Open();
        entry.Write(bytes);
        return new BackupFile(name, HashOf(bytes));
    }

    public void Finish(BackupContents contents)
    {
        var bytes = contents.ToUtf8();
        Add(BackupNames.ContentsHash, Encoding.ASCII.GetBytes(Add(BackupNames.Contents, bytes).Sha256));
        _archive.Dispose();
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move($"{_path}.part", _path);
    }

    public void Dispose()
    {
        _archive.Dispose();
        _file.Dispose();
        File.Delete($"{_path}.part"); // where it is not finished
    }

    internal static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>A backup that has been read through once: every byte of it is as it was written.</summary>
internal sealed class BackupReader : IDisposable
{
    private readonly string _path;
    private readonly ZipArchive _archive;

    private BackupReader(string path, ZipArchive archive)
    {
        (_path, _archive) = (path, archive);
        Contents = ReadContents();
        foreach (var file in Contents.Groups.SelectMany(group => group.Files))
        {
            if (BackupWriter.HashOf(Read(file.Name)) != file.Sha256)
                throw Damaged($"{file.Name} is not as it was written");
        }
    }

    public BackupContents Contents { get; }

    /// <exception cref="BackupException">The file is not there, is no backup, is damaged, or is of a newer version.</exception>
    public static BackupReader Open(string path)
    {
        try
        {
            return Check(path, ZipFile.OpenRead(path));
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BackupException($"Backup {path} cannot be read: {problem.Message} Nothing was restored.", problem);
        }
    }

    public byte[] Read(string name)
    {
        using var entry = (_archive.GetEntry(name) ?? throw Damaged($"{name} is missing")).Open();
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }

    public bool Has(string name) => _archive.GetEntry(name) is not null;

    public void Dispose() => _archive.Dispose();

    private static BackupReader Check(string path, ZipArchive archive)
    {
        try
        {
            return new BackupReader(path, archive);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private BackupContents ReadContents()
    {
        var bytes = Read(BackupNames.Contents);
        if (Encoding.ASCII.GetString(Read(BackupNames.ContentsHash)) != BackupWriter.HashOf(bytes))
            throw Damaged($"{BackupNames.Contents} is not as it was written");
        var contents = BackupContents.Parse(bytes);
        return contents.Format <= BackupContents.CurrentFormat
            ? contents
            : throw new BackupException($"Backup {_path} has format {contents.Format}; this program knows up to {BackupContents.CurrentFormat}. Use a newer version.");
    }

    private BackupException Damaged(string what) => new($"Backup {_path} is damaged: {what}. Nothing was restored; take another backup.");
}
