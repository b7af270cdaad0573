using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>One value with its way to bytes and back. Its name is the name of its golden file.</summary>
/// <param name="Name">Family and type, and what is special about it.</param>
/// <param name="Value">The value.</param>
/// <param name="Encode">To bytes.</param>
/// <param name="Decode">And back.</param>
/// <param name="IsSealed">Whether a checksum stands before the bytes.</param>
public sealed record Sample(
    string Name, object Value, Func<object, byte[]> Encode, Func<ReadOnlyMemory<byte>, object> Decode, bool IsSealed = false)
{
    private const long RecordNumber = 41;

    public byte[] Bytes => Encode(Value);

    /// <summary>What the value is about, without its wrapping.</summary>
    public object Content => Value switch
    {
        Envelope envelope => envelope.Message,
        ImmutableArray<IRaftEvent> { Length: 1 } events => events[0],
        _ => Value,
    };

    public override string ToString() => Name;

    public static Sample Of(Introduction introduction, string variant = "") => Sent(introduction, variant);

    public static Sample Of(IPeerMessage message, string variant = "") => Sent(new Envelope(
        new NodeId("node-1"), new Incarnation(Id(1)), new NodeId("node-2"), new Incarnation(Id(2)), message), variant);

    public static Sample Of(IClientMessage message, string variant = "") => Sent(message, variant);

    public static Sample Of(IReply reply, string variant = "") =>
        new($"reply.{reply.GetType().Name}{variant}", reply, WireCodec.Encode, bytes => WireCodec.Decode(Manifests.Reply, bytes));

    public static Sample Of(ICommand command, string variant = "") =>
        new($"command.{command.GetType().Name}{variant}", command, value => CommandCodec.Encode((ICommand)value), CommandCodec.Decode);

    public static Sample Of(IQuery query, string variant = "") => new(
        $"query.{query.GetType().Name}{variant}",
        query,
        value => WireCodec.Encode(new QueryRequest(8, new GroupId(3), (IQuery)value)),
        bytes => ((QueryRequest)WireCodec.Decode(Manifests.QueryRequest, bytes)).Query);

    public static Sample Of(IAdminCommand command, string variant = "") => new(
        $"admin.{command.GetType().Name}{variant}",
        command,
        value => WireCodec.Encode(new AdminRequest(9, new GroupId(3), (IAdminCommand)value)),
        bytes => ((AdminRequest)WireCodec.Decode(Manifests.AdminRequest, bytes)).Command);

    public static Sample Of(IRaftEvent raftEvent, string variant = "") => Recorded($"event.{raftEvent.GetType().Name}{variant}", [raftEvent]);

    public static Sample Of(ImmutableArray<IRaftEvent> events, string variant) => Recorded($"journal.Record{variant}", events);

    public static Sample Of(MemoryCheckpoint checkpoint, string variant = "") => new(
        $"journal.Checkpoint{variant}",
        checkpoint,
        value => JournalCodec.EncodeCheckpoint((MemoryCheckpoint)value),
        bytes => JournalCodec.DecodeCheckpoint(bytes),
        IsSealed: true);

    public static Sample Of(Configuration configuration) => new(
        "entry.Configuration", configuration, value => ConfigurationCodec.Encode((Configuration)value), ConfigurationCodec.Decode);

    public static Sample Of(SnapshotMeta meta) => new(
        "snapshot.Meta", meta, value => SnapshotMetaCodec.Encode((SnapshotMeta)value), SnapshotMetaCodec.Decode);

    public static Sample OfMachineVersion(int version) => new(
        "entry.MachineVersion", version, value => MachineVersionCodec.Encode((int)value), bytes => MachineVersionCodec.Decode(bytes));

    public static Guid Id(byte seed) => new([.. Enumerable.Range(0, 16).Select(i => (byte)(seed * 16 + i))]);

    private static Sample Recorded(string name, ImmutableArray<IRaftEvent> events) => new(
        name,
        events,
        value => JournalCodec.Encode(RecordNumber, (ImmutableArray<IRaftEvent>)value),
        bytes => JournalCodec.Decode(bytes).Events,
        IsSealed: true);

    private static Sample Sent(object message, string variant)
    {
        var manifest = WireCodec.ManifestOf(message);
        var type = (message is Envelope envelope ? envelope.Message : message).GetType();
        return new Sample($"wire.{manifest}.{type.Name}{variant}", message, WireCodec.Encode, bytes => WireCodec.Decode(manifest, bytes));
    }
}
