using System.Text.Json;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => folder.PathOf("deep/data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_created_at_the_first_start_and_keeps_its_incarnation()
    {
        Guid first;
        using (var created = DataDirectory.Open(Data, "n1"))
        {
            Assert.NotEqual(Guid.Empty, first = created.Incarnation);
            Assert.Equal(Data, created.Path);
            Assert.Equal("n1", created.Node);
        }
        using var again = DataDirectory.Open(Data, "n1");
        Assert.Equal(first, again.Incarnation);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F18_It_and_all_that_lies_in_it_are_its_owners_alone_also_where_they_were_open_before()
    {
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "journal.db"), "");
        File.SetUnixFileMode(Data, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.Combine(Data, "journal.db"), (UnixFileMode)0b110_100_100);
        var settings = StorageSettings.Create(Akka.Configuration.ConfigurationFactory.ParseString($"raftqueue.storage.data-directory = \"{Data}\""));

        using (var storage = NodeStorage.Open(settings, "n1"))
        {
            AssertIsOwners(Data);
            Assert.All(Directory.GetFiles(Data), AssertIsOwners);
            Assert.Contains(Path.Combine(Data, "snapshots.db"), Directory.GetFiles(Data));
        }

        NodeStorage.SetAside(settings, "n1");
        var aside = Assert.Single(Directory.GetDirectories(Data));
        AssertIsOwners(aside);
        Assert.All(Directory.GetFiles(aside), AssertIsOwners);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F18_After_an_interrupted_restore_it_is_refused_until_it_is_set_aside_or_emptied()
    {
        using (var created = DataDirectory.Open(Data, "n1"))
            created.BeginRestore();
        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Data, "n1"));
        Assert.Contains("a restore into it was interrupted", refusal.Message, StringComparison.Ordinal);

        DataDirectory.SetAside(Data, "n1", "aside", []);
        DataDirectory.Open(Data, "n1").Dispose();

        using (var again = DataDirectory.Open(Data, "n1"))
        {
            again.BeginRestore();
            again.EndRestore();
        }

        DataDirectory.Open(Data, "n1").Dispose();
    }

    [Fact]
    public void A_wiped_directory_has_a_fresh_incarnation()
    {
        Guid first;
        using (var created = DataDirectory.Open(Data, "n1"))
            first = created.Incarnation;
        Directory.Delete(Data, recursive: true);
        using var wiped = DataDirectory.Open(Data, "n1");
        Assert.NotEqual(first, wiped.Incarnation);
    }

    [Fact]
    public void It_is_refused_to_another_node()
    {
        DataDirectory.Open(Data, "n1").Dispose();
        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Data, "n2"));
        Assert.Contains("belongs to node \"n1\", not to \"n2\"", refusal.Message, StringComparison.Ordinal);
        AssertOneLine(refusal);
        DataDirectory.Open(Data, "n1").Dispose(); // the refusal has freed it
    }

    [Fact]
    public void It_is_refused_while_it_is_held()
    {
        using var held = DataDirectory.Open(Data, "n1");
        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Data, "n1"));
        Assert.Contains("in use by another node process", refusal.Message, StringComparison.Ordinal);
        AssertOneLine(refusal);
    }

    [Fact]
    public void It_is_refused_where_it_cannot_be_written()
    {
        File.WriteAllText(folder.PathOf("file"), "");
        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(folder.PathOf("file/data"), "n1"));
        Assert.Equal(folder.PathOf("file/data"), refusal.Directory);
        Assert.Contains("cannot be written", refusal.Message, StringComparison.Ordinal);
        AssertOneLine(refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"node\":\"n1\"}")]
    [InlineData("{\"node\":\"n1\",\"incarnation\":\"no guid\",\"formatVersion\":1}")]
    public void An_unreadable_identity_is_refused_and_left_as_it_is(string identity)
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "identity"), identity);
        AssertOneLine(Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Data, "n1")));
        Assert.Equal(identity, File.ReadAllText(Path.Combine(Data, "identity")));
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllBytes(Path.Combine(Data, "identity"), new NodeIdentity("n1", Guid.NewGuid(), 2).ToUtf8());
        var refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Data, "n1"));
        Assert.Contains("its format is 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_while_the_identity_is_written_leaves_none_or_the_whole()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "identity.new"), "{\"node\":");
        using var opened = DataDirectory.Open(Data, "n1");
        var stored = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Data, "identity"))).RootElement;
        Assert.Equal(opened.Incarnation, stored.GetProperty("incarnation").GetGuid());
        Assert.False(File.Exists(Path.Combine(Data, "identity.new")));
    }

    [Fact, Trait("Category", "Fault")]
    public void F05_An_identity_of_an_older_version_gets_what_may_never_change_at_the_next_start()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "identity"), "{\"node\":\"n1\",\"incarnation\":\"" + Guid.NewGuid() + "\",\"formatVersion\":1}");
        using (var older = DataDirectory.Open(Data, "n1"))
            older.Fix(new FixedSettings(4, "raftqueue", "here"));

        using var now = DataDirectory.Open(Data, "n1");
        Assert.Equal(new FixedSettings(4, "raftqueue", "here"), now.Identity.Fixed);
        now.Fix(new FixedSettings(4)); // what is not given is not compared
        Assert.Equal(new FixedSettings(4, "raftqueue", "here"), now.Identity.Fixed);
    }

    [Theory, Trait("Category", "Fault")]
    [InlineData(5, "raftqueue", "here", "raftqueue.groups = 4")]
    [InlineData(1, "raftqueue", "here", "raftqueue.groups = 4")]
    [InlineData(4, "RaftQueue", "here", "\"raftqueue\"")]
    [InlineData(4, "raftqueue", "there", "is in here")]
    public void F05_What_may_never_change_is_refused_by_name_and_left_as_it_is(int groups, string system, string storage, string stored)
    {
        using var directory = DataDirectory.Open(Data, "n1");
        directory.Fix(new FixedSettings(4, "raftqueue", "here"));

        var refusal = Assert.Throws<DataDirectoryException>(() => directory.Fix(new FixedSettings(groups, system, storage)));

        Assert.Contains(stored, refusal.Message, StringComparison.Ordinal);
        AssertOneLine(refusal);
        Assert.Equal(new FixedSettings(4, "raftqueue", "here"), directory.Identity.Fixed);
    }

    private static void AssertOneLine(Exception refusal) => Assert.DoesNotContain('\n', refusal.Message);

    private static void AssertIsOwners(string path)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }
}
