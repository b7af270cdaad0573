using System.Data.Common;
using Npgsql;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public sealed class PostgresStorageTests(PostgresServer server) : StorageContract, IClassFixture<PostgresServer>
{
    private string Schema => "raftqueue_" + Node;

    protected override string Hocon => $$"""
        raftqueue.storage {
          provider = postgres
          data-directory = "{{Folder.PathOf("data")}}"
          postgres.connection-string = "{{server.ConnectionString}}"
        }
        """;

    protected override string Table(string name) => $"{Schema}.{name}";

    protected override DbConnection Connect(string table)
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        connection.Open();
        return connection;
    }

    [PostgresFact]
    public async Task Nodes_share_a_database_and_never_a_log()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync("raftqueue/0/pieces", 1, new byte[] { 1 });
        var other = Hocon.Replace(Folder.PathOf("data"), Folder.PathOf("other"), StringComparison.Ordinal);
        await using var neighbour = RunningStorage.Start(other, Node + "b");
        Assert.Null(await neighbour.Pieces.LoadPieceAsync("raftqueue/0/pieces", 1));
    }

    [PostgresFact]
    public async Task A_commit_waits_for_the_disk_even_where_the_role_says_otherwise()
    {
        Assert.Equal("off", SynchronousCommit(server.ConnectionString + ";Options=-c synchronous_commit=off"));
        await using var node = Start();
        var connectionString = node.Storage.Plugins.GetString(RaftQueue.Node.Storage.StoragePlugins.JournalId + ".connection-string");
        Assert.Contains("synchronous_commit=on", connectionString, StringComparison.Ordinal);
        Assert.Equal("on", SynchronousCommit(connectionString));
    }

    private static string? SynchronousCommit(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var show = new NpgsqlCommand("show synchronous_commit", connection);
        return (string?)show.ExecuteScalar();
    }

    [PostgresFact]
    public override Task Events_are_recovered_in_order_after_a_restart() => base.Events_are_recovered_in_order_after_a_restart();

    [PostgresFact]
    public override Task Deleted_events_stay_deleted_and_their_numbers_are_not_used_again() =>
        base.Deleted_events_stay_deleted_and_their_numbers_are_not_used_again();

    [PostgresFact]
    public override Task A_failed_write_reaches_the_actor_as_a_persist_failure() =>
        base.A_failed_write_reaches_the_actor_as_a_persist_failure();

    [PostgresFact]
    public override Task Bytes_are_stored_as_bytes_without_a_type_name() => base.Bytes_are_stored_as_bytes_without_a_type_name();

    [PostgresFact]
    public override Task A_piece_is_loaded_by_its_exact_number_after_a_restart() =>
        base.A_piece_is_loaded_by_its_exact_number_after_a_restart();

    [PostgresFact]
    public override Task The_latest_piece_is_the_one_with_the_highest_number() =>
        base.The_latest_piece_is_the_one_with_the_highest_number();

    [PostgresFact]
    public override Task A_piece_saved_again_is_replaced() => base.A_piece_saved_again_is_replaced();

    [PostgresFact]
    public override Task Pieces_are_deleted_one_by_one_or_through_a_number() => base.Pieces_are_deleted_one_by_one_or_through_a_number();

    [PostgresFact]
    public override Task A_flipped_bit_in_a_piece_is_found() => base.A_flipped_bit_in_a_piece_is_found();

    [PostgresFact]
    public override Task A_piece_in_the_place_of_another_is_found() => base.A_piece_in_the_place_of_another_is_found();

    [PostgresFact]
    public override Task A_piece_with_an_unknown_serializer_is_damaged() => base.A_piece_with_an_unknown_serializer_is_damaged();

    [PostgresFact]
    public override Task A_store_that_fails_is_named_in_the_error() => base.A_store_that_fails_is_named_in_the_error();

    [PostgresFact]
    public override Task The_incarnation_survives_a_restart() => base.The_incarnation_survives_a_restart();

    [PostgresFact]
    public override Task A_lost_journal_begins_a_new_incarnation() => base.A_lost_journal_begins_a_new_incarnation();

    [PostgresFact]
    public override Task A_lost_identity_file_is_restored_from_the_journal() => base.A_lost_identity_file_is_restored_from_the_journal();

    [PostgresFact]
    public override Task A_journal_of_another_life_is_refused() => base.A_journal_of_another_life_is_refused();

    [PostgresFact]
    public override Task A_journal_of_another_node_is_refused() => base.A_journal_of_another_node_is_refused();

    [PostgresFact]
    public override Task Large_events_of_several_actors_that_share_a_transaction_are_all_stored() =>
        base.Large_events_of_several_actors_that_share_a_transaction_are_all_stored();
}
