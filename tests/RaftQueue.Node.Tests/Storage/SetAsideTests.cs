using Akka.Configuration;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>Data that is set aside is kept, and the node is another one afterwards.</summary>
public sealed class SetAsideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StorageSettings Settings => StorageSettings.Create(ConfigurationFactory.ParseString($"raftqueue.storage.data-directory = \"{_folder.PathOf("data")}\""));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_kept_beside_and_the_node_waits_in_a_new_life()
    {
        Guid before;
        using (var storage = NodeStorage.Open(Settings, "n1"))
        {
            before = storage.Incarnation;
            Assert.True(storage.IsEmpty);
            Assert.False(storage.Rejoins);
        }

        var place = NodeStorage.SetAside(Settings, "n1");

        Assert.Equal(["identity", "journal.db", "snapshots.db"], Directory.GetFiles(place).Select(Path.GetFileName).Where(name => !name!.Contains('-', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        using var after = NodeStorage.Open(Settings, "n1");
        Assert.NotEqual(before, after.Incarnation);
        Assert.True(after.IsEmpty);
        Assert.True(after.Rejoins);
    }

    [Fact]
    public void A_node_that_waits_still_waits_after_its_journal_was_lost_too()
    {
        NodeStorage.SetAside(Settings, "n1");
        NodeStorage.Open(Settings, "n1").Dispose();
        File.Delete(Path.Combine(_folder.PathOf("data"), "journal.db"));

        using var storage = NodeStorage.Open(Settings, "n1");

        Assert.True(storage.Rejoins);
    }

    [Fact]
    public void An_interruption_leaves_a_pair_that_no_node_starts_with()
    {
        NodeStorage.Open(Settings, "n1").Dispose();
        var journal = Path.Combine(_folder.PathOf("data"), "journal.db");
        File.Copy(journal, _folder.PathOf("kept"));
        NodeStorage.SetAside(Settings, "n1");
        File.Move(_folder.PathOf("kept"), journal);

        var refused = Assert.Throws<DataDirectoryException>(() => NodeStorage.Open(Settings, "n1"));

        Assert.Contains("repair", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_of_a_running_node_or_of_another_one_stays_where_it_is()
    {
        using (NodeStorage.Open(Settings, "n1"))
            Assert.Contains("in use", Assert.Throws<DataDirectoryException>(() => NodeStorage.SetAside(Settings, "n1")).Message, StringComparison.Ordinal);
        Assert.Contains("belongs to node \"n1\"", Assert.Throws<DataDirectoryException>(() => NodeStorage.SetAside(Settings, "n2")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder.PathOf("data")));
    }

    [Fact]
    public void An_identity_that_cannot_be_read_is_set_aside_too()
    {
        NodeStorage.Open(Settings, "n1").Dispose();
        File.WriteAllText(Path.Combine(_folder.PathOf("data"), "identity"), "nonsense");

        var place = NodeStorage.SetAside(Settings, "n1");

        Assert.Equal("nonsense", File.ReadAllText(Path.Combine(place, "identity")));
        using var storage = NodeStorage.Open(Settings, "n1");
    }
}
