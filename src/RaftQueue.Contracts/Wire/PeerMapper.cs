using Google.Protobuf;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>What replicas say to each other, each message with its envelope's header.</summary>
internal static class PeerMapper
{
    // A hundred years, which no duration overflows at; more is not believed.
    private const ulong MaxUptimeMs = 3_155_760_000_000;

    public static byte[] Encode(Envelope envelope)
    {
        var header = HeaderOf(envelope);
        return envelope.Message switch
        {
            AppendEntries append => Encode(header, append),
            AppendReply reply => ToProto(header, reply).ToByteArray(),
            RequestVote request => ToProto(header, request).ToByteArray(),
            VoteReply reply => new Proto.VoteReply { Header = header, IsGranted = reply.IsGranted, IsPreVote = reply.IsPreVote }.ToByteArray(),
            InstallSnapshot install => ToProto(header, install).ToByteArray(),
            SnapshotReply reply => ToProto(header, reply).ToByteArray(),
            TimeoutNow => new Proto.TimeoutNow { Header = header }.ToByteArray(),
            FoundingCall => new Proto.FoundingCall { Header = header }.ToByteArray(),
            FoundingReply reply => new Proto.FoundingReply { Header = header, IsBlank = reply.IsBlank }.ToByteArray(),
            _ => throw new ArgumentException($"{envelope.Message.GetType().Name} has no wire form; give it one in raft.proto and here."),
        };
    }

    public static Envelope FromProto(Proto.AppendEntries proto)
    {
        var header = Header.Read(proto.Header);
        var previous = Expect.Index(proto.PrevLogIndex, "previous index");
        var entries = EntryBlock.Read(proto.Entries.Memory);
        if (entries.Length > 0 && entries[0].Index != previous.Next)
            throw Expect.Malformed($"entries start at {entries[0].Index}, but follow {previous}");
        return header.Around(new AppendEntries(
            header.Group,
            header.Term,
            previous,
            Expect.Term(proto.PrevLogTerm, "previous term"),
            entries,
            Expect.Index(proto.LeaderCommit, "leader's commit index"),
            Expect.NotNegative(proto.Round, "round"))
        {
            LogTime = Expect.Stamp(proto.LogTime, "log time"),
        });
    }

    public static Envelope FromProto(Proto.AppendReply proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new AppendReply(
            header.Group,
            header.Term,
            proto.IsAccepted,
            Expect.Index(proto.MatchIndex, "match index"),
            Expect.Term(proto.ConflictTerm, "conflict term"),
            Expect.Index(proto.ConflictIndex, "conflict index"),
            Expect.NotNegative(proto.Round, "round"),
            Expect.NotNegative(proto.MachineVersion, "machine version")));
    }

    public static Envelope FromProto(Proto.RequestVote proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new RequestVote(
            header.Group,
            header.Term,
            Expect.Index(proto.LastLogIndex, "last index"),
            Expect.Term(proto.LastLogTerm, "last term"),
            proto.IsPreVote,
            proto.IsTransfer));
    }

    public static Envelope FromProto(Proto.VoteReply proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new VoteReply(header.Group, header.Term, proto.IsGranted, proto.IsPreVote));
    }

    public static Envelope FromProto(Proto.InstallSnapshot proto)
    {
        var header = Header.Read(proto.Header);
        var cursor = Cursor(proto.Cursor);
        var pieceLength = Expect.Within(proto.PieceLength, 0, Bounds.MaxPieceBytes, "piece length");
        Expect.Within(proto.Data.Length, 0, Bounds.MaxChunkBytes, "chunk length");
        Expect.Within((long)cursor.Offset + proto.Data.Length, 0, pieceLength, "end of the chunk in its piece");
        return header.Around(new InstallSnapshot(
            header.Group,
            header.Term,
            ConfigurationMapper.FromProto(proto.Meta),
            cursor,
            pieceLength,
            proto.Data.Memory,
            Expect.NotNegative(proto.Round, "round")));
    }

    public static Envelope FromProto(Proto.SnapshotReply proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new SnapshotReply(
            header.Group,
            header.Term,
            Expect.Index(proto.LastIncludedIndex, "snapshot index"),
            Progress(proto.Progress),
            Cursor(proto.Next),
            proto.Reason,
            Expect.NotNegative(proto.Round, "round")));
    }

    public static Envelope FromProto(Proto.TimeoutNow proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new TimeoutNow(header.Group, header.Term));
    }

    public static Envelope FromProto(Proto.FoundingCall proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new FoundingCall(header.Group, header.Term));
    }

    public static Envelope FromProto(Proto.FoundingReply proto)
    {
        var header = Header.Read(proto.Header);
        return header.Around(new FoundingReply(header.Group, header.Term, proto.IsBlank));
    }

    public static Introduction FromProto(Proto.Introduction proto) => new(
        Expect.Node(proto.Node, "node"),
        Expect.Incarnation(proto.Incarnation, "incarnation"),
        Expect.Address(proto.Address),
        proto.IsAnswerWanted,
        proto.HearsNothing,
        TimeSpan.FromMilliseconds((long)Math.Min(proto.UptimeMs, MaxUptimeMs)),
        Expect.NotNegative(proto.Groups, "number of groups"));

    public static Proto.Introduction ToProto(Introduction introduction) => new()
    {
        Node = introduction.Node.Value,
        Incarnation = ProtoBytes.Of(introduction.Incarnation),
        Address = introduction.Address,
        IsAnswerWanted = introduction.IsAnswerWanted,
        HearsNothing = introduction.HearsNothing,
        UptimeMs = (ulong)introduction.Uptime.TotalMilliseconds,
        Groups = introduction.Groups,
    };

    /// <summary>The entries, which are the bulk, are written straight into the frame: they are copied once.</summary>
    private static byte[] Encode(Proto.EnvelopeHeader header, AppendEntries append)
    {
        var proto = new Proto.AppendEntries
        {
            Header = header,
            PrevLogIndex = append.PrevLogIndex.Value,
            PrevLogTerm = append.PrevLogTerm.Value,
            LeaderCommit = append.LeaderCommit.Value,
            LogTime = append.LogTime.Milliseconds,
            Round = append.Round,
        };
        var headSize = proto.CalculateSize();
        var blockSize = EntryBlock.SizeOf(append.Entries);
        var fieldSize = blockSize == 0 ? 0 : PackedWriter.SizeOfField(Proto.AppendEntries.EntriesFieldNumber, blockSize);
        var bytes = new byte[headSize + fieldSize];
        var writer = new PackedWriter(bytes);
        proto.WriteTo(writer.Take(headSize));
        if (blockSize > 0)
            writer.FieldStart(Proto.AppendEntries.EntriesFieldNumber, blockSize);
        EntryBlock.Write(ref writer, append.Entries);
        writer.End();
        return bytes;
    }

    private static Proto.AppendReply ToProto(Proto.EnvelopeHeader header, AppendReply reply) => new()
    {
        Header = header,
        IsAccepted = reply.IsAccepted,
        MatchIndex = reply.MatchIndex.Value,
        ConflictTerm = reply.ConflictTerm.Value,
        ConflictIndex = reply.ConflictIndex.Value,
        Round = reply.Round,
        MachineVersion = reply.MachineVersion,
    };

    private static Proto.RequestVote ToProto(Proto.EnvelopeHeader header, RequestVote request) => new()
    {
        Header = header,
        LastLogIndex = request.LastLogIndex.Value,
        LastLogTerm = request.LastLogTerm.Value,
        IsPreVote = request.IsPreVote,
        IsTransfer = request.IsTransfer,
    };

    private static Proto.InstallSnapshot ToProto(Proto.EnvelopeHeader header, InstallSnapshot install) => new()
    {
        Header = header,
        Meta = ConfigurationMapper.ToProto(install.Meta),
        Cursor = ToProto(install.Cursor),
        PieceLength = install.PieceLength,
        Data = ProtoBytes.Wrap(install.Data),
        Round = install.Round,
    };

    private static Proto.SnapshotReply ToProto(Proto.EnvelopeHeader header, SnapshotReply reply) => new()
    {
        Header = header,
        LastIncludedIndex = reply.LastIncludedIndex.Value,
        Progress = (Proto.SnapshotProgress)reply.Progress,
        Next = ToProto(reply.Next),
        Reason = reply.Reason,
        Round = reply.Round,
    };

    private static Proto.SnapshotCursor ToProto(SnapshotCursor cursor) => new() { Piece = cursor.Piece, Offset = cursor.Offset };

    private static SnapshotCursor Cursor(Proto.SnapshotCursor? proto)
    {
        var cursor = Expect.Present(proto, "cursor");
        return new SnapshotCursor(Expect.NotNegative(cursor.Piece, "piece"), Expect.NotNegative(cursor.Offset, "offset"));
    }

    private static SnapshotProgress Progress(Proto.SnapshotProgress progress) => progress switch
    {
        Proto.SnapshotProgress.Wanted => SnapshotProgress.Wanted,
        Proto.SnapshotProgress.Installed => SnapshotProgress.Installed,
        Proto.SnapshotProgress.Refused => SnapshotProgress.Refused,
        _ => throw Expect.Malformed($"snapshot progress {(int)progress} is unknown; was it sent by a newer version?"),
    };

    private static Proto.EnvelopeHeader HeaderOf(Envelope envelope) => new()
    {
        From = envelope.From.Value,
        FromIncarnation = ProtoBytes.Of(envelope.FromIncarnation),
        To = envelope.To.Value,
        ToIncarnation = ProtoBytes.Of(envelope.ToIncarnation),
        Group = envelope.Message.Group.Value,
        Term = envelope.Message.Term.Value,
    };

    private readonly record struct Header(NodeId From, Incarnation FromIncarnation, NodeId To, Incarnation ToIncarnation, GroupId Group, Term Term)
    {
        public static Header Read(Proto.EnvelopeHeader? proto)
        {
            var header = Expect.Present(proto, "header");
            return new Header(
                Expect.Node(header.From, "from"),
                Expect.Incarnation(header.FromIncarnation, "sender's incarnation"),
                Expect.Node(header.To, "to"),
                Expect.Incarnation(header.ToIncarnation, "receiver's incarnation"),
                Expect.Group(header.Group),
                Expect.Term(header.Term, "term"));
        }

        public Envelope Around(IPeerMessage message) => new(From, FromIncarnation, To, ToIncarnation, message);
    }
}
