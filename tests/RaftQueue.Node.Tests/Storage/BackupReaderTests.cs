using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Backups;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>Crafted backups: whatever an archive claims, it is read within bounds, and only what its contents list is restored.</summary>
[Trait("Category", "Fault")]
public sealed class BackupReaderTests : IDisposable
{
    private static readonly GroupId Group = new(0);
    private static readonly string Memory = BackupNames.Memory(Group);
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.PathOf("crafted.backup");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void F18_What_was_written_is_read()
    {
        Craft([(Memory, "memory"), (BackupNames.Log(Group, 1), "log"), (BackupNames.Piece(Group, "segment-1.x_y"), "piece")]);
        using var backup = BackupReader.Open(File);
        Assert.Equal("piece", Encoding.UTF8.GetString(backup.Read(BackupNames.Piece(Group, "segment-1.x_y"))));
        Assert.Equal(14, backup.TotalBytes);
    }

    [Fact]
    public void F18_An_entry_that_is_not_listed_is_refused()
    {
        Craft([(Memory, "memory")], archive => Write(archive, "0/pieces/extra", "x"));
        Refused("\"0/pieces/extra\" is in it, but not in its list of contents");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("0/pieces/..")]
    [InlineData("0/pieces/a/../../b")]
    [InlineData("0/pieces/a b")]
    [InlineData("0/log/-1")]
    [InlineData("0/log/01")]
    [InlineData("1/memory")]
    [InlineData("0/other")]
    [InlineData("")]
    public void F18_A_name_that_no_backup_has_is_refused(string name)
    {
        Craft([(Memory, "memory"), (name, "x")]);
        Refused($"its list names \"{name}\", and group 0 of a backup has no such file");
    }

    [Fact]
    public void F18_A_name_twice_is_refused_in_the_list_and_in_the_archive()
    {
        Craft([(Memory, "memory"), (Memory, "memory")]);
        Refused("is in it twice");
        Craft([(Memory, "memory")], archive => Write(archive, BackupNames.Contents, "{}"));
        Refused("is in it twice");
        var twice = new BackupFile(Memory, 6, HashOf("memory"));
        Craft([(Memory, "memory")], listed: [twice, twice]);
        Refused("its list names 0/memory twice");
    }

    [Theory]
    [InlineData(5, "0/memory is longer than the 5 bytes that are listed")]
    [InlineData(7, "0/memory is shorter than the 7 bytes that are listed")]
    [InlineData(-1, "0/memory is listed with -1 bytes")]
    [InlineData(long.MaxValue, "0/memory is listed with 9223372036854775807 bytes; it may have 2097152")]
    public void F18_A_length_that_is_not_true_is_refused(long bytes, string why)
    {
        Craft([(Memory, "memory")], listed: [new BackupFile(Memory, bytes, HashOf("memory"))]);
        Refused(why);
    }

    [Fact]
    public void F18_A_wrong_hash_a_missing_file_and_a_cut_archive_are_refused()
    {
        Craft([(Memory, "memory")], listed: [new BackupFile(Memory, 6, HashOf("other!"))]);
        Refused("0/memory is not as it was written");
        Craft([(Memory, "memory")], listed: [new BackupFile(Memory, 6, HashOf("memory")), new BackupFile("0/log/1", 1, HashOf("x"))]);
        Refused("\"0/log/1\" is missing");
        Craft([(Memory, "memory")]);
        System.IO.File.WriteAllBytes(File, System.IO.File.ReadAllBytes(File)[..^10]);
        Refused("cannot be read");
    }

    [Fact]
    public void F18_What_unpacks_to_more_than_is_listed_is_read_no_further()
    {
        // 1 GiB of zeros, in about 1 MiB.
        Craft(
            [(Memory, "memory")],
            archive => WriteZeros(archive, "0/log/1", 1 << 30),
            [new BackupFile(Memory, 6, HashOf("memory")), new BackupFile("0/log/1", 100, HashOf("x"))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused("0/log/1 is longer than the 100 bytes that are listed");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Fact]
    public void F18_Contents_that_unpack_to_gigabytes_are_refused_within_their_bound()
    {
        using (var archive = ZipFile.Open(File, ZipArchiveMode.Create))
        {
            WriteZeros(archive, BackupNames.Contents, 1 << 28);
            Write(archive, BackupNames.ContentsHash, HashOf(""));
        }

        Refused("backup.json has more than 134217728 bytes");
    }

    [Fact]
    public void F18_A_backup_of_another_format_and_contents_that_are_none_are_refused()
    {
        CraftContents("""{ "format": 1, "node": "n1" }""");
        Refused("has format 1; this program knows format 2");
        CraftContents("""{ "format": 2, "node": "n1", "takenAt": "2026-01-01T00:00:00Z", "groups": null }""");
        Refused("cannot be read");
        CraftContents("""{ "node": "n1" }""");
        Refused("cannot be read");
        CraftContents("[]");
        Refused("cannot be read");
    }

    [Fact]
    public void F18_A_log_with_a_gap_is_refused_and_one_without_is_read_part_by_part()
    {
        var memory = new MemoryCheckpoint(new Term(3), null, SnapshotMeta.Origin(Configuration.Empty), LogIndex.Zero, Term.Zero, []);
        var member = new Member(new NodeId("n1"), new Incarnation(Guid.NewGuid()), MemberKind.Voter);
        var entries = Enumerable.Range(1, 5)
            .Select(i => new Entry(new LogIndex(i), new Term(3), LogTime.Zero, EntryKind.Command, new byte[400_000])).ToImmutableArray();
        var parts = RestoredLog.Parts(entries).ToList();
        Assert.Equal([2, 2, 1], parts.Select(part => part.Length));
        Assert.All(parts, part => Assert.Equal(
            part.Select(entry => (entry.Index, entry.Payload.Length)),
            RestoredLog.DecodePart(1, RestoredLog.EncodePart(1, part)).Select(entry => (entry.Index, entry.Payload.Length))));
        Assert.Equal(5, RestoredLog.Of(memory, parts, member, LogTime.Zero).Count());

        var refusal = Assert.Throws<BackupException>(() => RestoredLog.Of(memory, [parts[0], parts[2]], member, LogTime.Zero).Count());
        Assert.Contains("goes from index 2 to 5", refusal.Message);
        Assert.Throws<DamagedRecordException>(() => RestoredLog.DecodePart(2, RestoredLog.EncodePart(1, parts[0])));
    }

    [Fact]
    public void F18_A_backup_can_be_read_by_its_owner_only_whatever_was_there_before()
    {
        if (OperatingSystem.IsWindows())
            return;
        System.IO.File.WriteAllText($"{File}.part", "left by an interrupted backup");
        using (var writer = new BackupWriter(File))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode($"{File}.part"));
            writer.Finish(new BackupContents(
                BackupContents.CurrentFormat, "n1", DateTimeOffset.UnixEpoch, [new BackupGroup(0, [], 0, [writer.Add(Memory, "memory"u8)])]));
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        BackupReader.Open(File).Dispose();
    }

    private static string HashOf(string text) => BackupWriter.HashOf(Encoding.UTF8.GetBytes(text));

    private static void Write(ZipArchive archive, string name, string text)
    {
        using var entry = archive.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void WriteZeros(ZipArchive archive, string name, long bytes)
    {
        using var entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
        for (var zeros = new byte[1 << 20]; bytes > 0; bytes -= zeros.Length)
            entry.Write(zeros);
    }

    private void Craft((string Name, string Text)[] files, Action<ZipArchive>? extra = null, BackupFile[]? listed = null)
    {
        listed ??= [.. files.Select(file => new BackupFile(file.Name, Encoding.UTF8.GetByteCount(file.Text), HashOf(file.Text)))];
        var contents = new BackupContents(
            BackupContents.CurrentFormat, "n1", DateTimeOffset.UnixEpoch, [new BackupGroup(0, ["n1"], 0, listed)]);
        CraftContents(Encoding.UTF8.GetString(contents.ToUtf8()), archive =>
        {
            foreach (var (name, text) in files.Where(file => file.Name.Length > 0))
                Write(archive, name, text);
            extra?.Invoke(archive);
        });
    }

    private void CraftContents(string json, Action<ZipArchive>? files = null)
    {
        System.IO.File.Delete(File);
        using var archive = ZipFile.Open(File, ZipArchiveMode.Create);
        Write(archive, BackupNames.Contents, json);
        Write(archive, BackupNames.ContentsHash, HashOf(json));
        files?.Invoke(archive);
    }

    private void Refused(string why) =>
        Assert.Contains(why, Assert.Throws<BackupException>(() => BackupReader.Open(File).Dispose()).Message, StringComparison.Ordinal);
}
