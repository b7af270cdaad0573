using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public abstract partial class StorageContract
{
    [Fact]
    public virtual async Task The_incarnation_survives_a_restart()
    {
        Guid first;
        await using (var node = Start())
            first = node.Storage.Incarnation;
        await using var again = Start();
        Assert.Equal(first, again.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_lost_journal_begins_a_new_incarnation()
    {
        Guid first;
        await using (var node = Start())
            first = node.Storage.Incarnation;
        Execute("journal", $"drop table {Table("raftqueue_owner")}");
        Guid second;
        await using (var node = Start())
            second = node.Storage.Incarnation;
        Assert.NotEqual(first, second);
        await using var third = Start();
        Assert.Equal(second, third.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_lost_identity_file_is_restored_from_the_journal()
    {
        Guid first;
        await using (var node = Start())
        {
            first = node.Storage.Incarnation;
            File.Delete(Path.Combine(node.Storage.DirectoryPath, "identity"));
        }
        await using var again = Start();
        Assert.Equal(first, again.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_journal_of_another_life_is_refused()
    {
        Guid directory;
        await using (var node = Start())
            directory = node.Storage.Incarnation;
        var journal = Guid.NewGuid();
        Execute("journal", $"update {Table("raftqueue_owner")} set incarnation = '{journal}'");
        var refusal = Assert.Throws<DataDirectoryException>(() => Start());
        Assert.Contains($"{directory}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{journal}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public virtual async Task A_journal_of_another_node_is_refused()
    {
        await using (Start())
        {
        }
        Execute("journal", $"update {Table("raftqueue_owner")} set node = 'stranger'");
        var refusal = Assert.Throws<DataDirectoryException>(() => Start());
        Assert.Contains("belongs to node \"stranger\"", refusal.Message, StringComparison.Ordinal);
    }
}
