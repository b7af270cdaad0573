using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RaftQueue.Contracts;

namespace RaftQueue.Node.Backups;

/// <summary>
/// A backup that has been read through once: it has the files that its contents list, each as long as listed and with its hash, and no
/// others. Nothing of it is in memory but the list; a file is read when it is asked for.
/// </summary>
internal sealed class BackupReader : IDisposable
{
    // A line for each piece, of about 1 MiB each: enough for 500 GB.
    private const int LargestContents = 128 * 1024 * 1024;
    private const int BufferBytes = 64 * 1024;

    private readonly string _path;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, BackupFile> _files;

    private BackupReader(string path, ZipArchive archive)
    {
        (_path, _archive) = (path, archive);
        var entries = EntriesByName();
        Contents = ReadContents(entries);
        _files = ListedFiles();
        if (entries.Keys.FirstOrDefault(IsExtra) is { } extra)
            throw Damaged($"{Quoted(extra)} is in it, but not in its list of contents");
        foreach (var file in _files.Values)
            Verify(file);
    }

    public BackupContents Contents { get; }

    /// <summary>How many bytes all its files have.</summary>
    public long TotalBytes => _files.Values.Sum(file => file.Bytes);

    /// <exception cref="BackupException">The file is not there, is no backup, is damaged, or is of another version.</exception>
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

    /// <summary>The bytes of a listed file, held against its length and hash once more.</summary>
    public byte[] Read(string name)
    {
        if (!_files.TryGetValue(name, out var file))
            throw Damaged($"{Quoted(name)} is missing");
        var bytes = ReadBounded(Entry(name), file.Bytes);
        return BackupWriter.HashOf(bytes) == file.Sha256 ? bytes : throw Damaged($"{name} is not as it was written");
    }

    public bool Has(string name) => _files.ContainsKey(name);

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

    private bool IsExtra(string name) => name is not (BackupNames.Contents or BackupNames.ContentsHash) && !_files.ContainsKey(name);

    private Dictionary<string, ZipArchiveEntry> EntriesByName()
    {
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in _archive.Entries)
        {
            if (!entries.TryAdd(entry.FullName, entry))
                throw Damaged($"{Quoted(entry.FullName)} is in it twice");
        }

        return entries;
    }

    private BackupContents ReadContents(Dictionary<string, ZipArchiveEntry> entries)
    {
        if (!entries.ContainsKey(BackupNames.Contents) || !entries.ContainsKey(BackupNames.ContentsHash))
            throw Damaged($"{BackupNames.Contents} is missing");
        var bytes = ReadBounded(Entry(BackupNames.Contents), LargestContents, isExact: false);
        var hash = ReadBounded(Entry(BackupNames.ContentsHash), 2 * SHA256.HashSizeInBytes);
        if (Encoding.ASCII.GetString(hash) != BackupWriter.HashOf(bytes))
            throw Damaged($"{BackupNames.Contents} is not as it was written");
        var format = BackupContents.FormatOf(bytes);
        return format == BackupContents.CurrentFormat
            ? BackupContents.Parse(bytes)
            : throw new BackupException(
                $"Backup {_path} has format {format}; this program knows format {BackupContents.CurrentFormat}. Use the version that took it.");
    }

    private Dictionary<string, BackupFile> ListedFiles()
    {
        var files = new Dictionary<string, BackupFile>(StringComparer.Ordinal);
        for (var number = 0; number < Contents.Groups.Count; number++)
        {
            var group = Contents.Groups[number];
            if (group.Group != number)
                throw Damaged($"its list names group {group.Group} in the place of group {number}");
            foreach (var file in group.Files)
                Add(files, new GroupId(number), file);
            if (!files.ContainsKey(BackupNames.Memory(new GroupId(number))))
                throw Damaged($"{BackupNames.Memory(new GroupId(number))} is missing");
        }

        return files;
    }

    private void Add(Dictionary<string, BackupFile> files, GroupId group, BackupFile file)
    {
        if (BackupNames.LargestOf(group, file.Name) is not { } largest)
            throw Damaged($"its list names {Quoted(file.Name)}, and group {group} of a backup has no such file");
        if (file.Bytes < 0 || file.Bytes > largest)
            throw Damaged($"{file.Name} is listed with {file.Bytes} bytes; it may have {largest}");
        if (!files.TryAdd(file.Name, file))
            throw Damaged($"its list names {file.Name} twice");
    }

    private void Verify(BackupFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = Entry(file.Name).Open();
        var (buffer, left) = (new byte[BufferBytes], file.Bytes);
        while (stream.Read(buffer) is > 0 and var read)
        {
            if ((left -= read) < 0)
                throw Damaged($"{file.Name} is longer than the {file.Bytes} bytes that are listed");
            hash.AppendData(buffer, 0, read);
        }

        if (left > 0)
            throw Damaged($"{file.Name} is shorter than the {file.Bytes} bytes that are listed");
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            throw Damaged($"{file.Name} is not as it was written");
    }

    // What an archive says of a length is a claim: no more is read than may be there, and room is made as the bytes come.
    private byte[] ReadBounded(ZipArchiveEntry entry, long longest, bool isExact = true)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        var buffer = new byte[BufferBytes];
        while (stream.Read(buffer) is > 0 and var read)
        {
            if (bytes.Length + read > longest)
                throw Damaged($"{entry.FullName} has more than {longest} bytes");
            bytes.Write(buffer, 0, read);
        }

        return !isExact || bytes.Length == longest
            ? bytes.ToArray()
            : throw Damaged($"{entry.FullName} has {bytes.Length} bytes, not {longest}");
    }

    private ZipArchiveEntry Entry(string name) => _archive.GetEntry(name) ?? throw Damaged($"{Quoted(name)} is missing");

    private BackupException Damaged(string what) => new($"Backup {_path} is damaged: {what}. Nothing was restored; take another backup.");

    private static string Quoted(string name) => $"\"{(name.Length > BufferBytes / 1024 ? $"{name[..(BufferBytes / 1024)]}..." : name)}\"";
}
