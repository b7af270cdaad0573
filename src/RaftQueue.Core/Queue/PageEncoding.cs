using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>A page of message references in bytes: about twelve a message that has nothing special.</summary>
internal static class PageEncoding
{
    private const int WasLeased = 1, HasGroup = 2, HasExpiry = 4, HasDueTime = 8, HasPlace = 16, HasNote = 32;

    /// <param name="owner">The queue that the page belongs to, or, of an outbox, the queue that its messages go to.</param>
    /// <param name="page">The page.</param>
    public static ReadOnlyMemory<byte> Encode(QueueName owner, Page page)
    {
        var writer = new StateWriter();
        writer.Text(owner.Value);
        writer.Number(page.Number);
        writer.Number(page.Used);
        writer.Number(page.Live);
        for (var slot = 0; slot < page.Used; slot++)
        {
            if (page[slot].State != MessageState.Gone)
                Encode(writer, page, slot);
        }

        return writer.Written;
    }

    /// <summary>Reads a page into the backlog that it belongs to.</summary>
    public static Page Decode(StateReader reader, Func<QueueName, Backlog> backlogOf, int capacity)
    {
        var backlog = backlogOf(new QueueName(reader.Text()));
        var page = new Page(reader.Number(), capacity);
        var used = reader.Count();
        for (var left = reader.Count(); left > 0; left--)
            Decode(reader, page, backlog);
        page.SkipTo(used);
        backlog.Attach(page);
        return page;
    }

    private static void Encode(StateWriter writer, Page page, int slot)
    {
        ref var message = ref page[slot];
        var (group, expiry, place, note) = (page.Groups[slot], page.Expiries[slot], page.Places[slot], page.Notes[slot]);
        var isDelayed = message.State == MessageState.Delayed;
        writer.Number(slot);
        writer.Number((long)message.State);
        writer.Number((message.WasLeased ? WasLeased : 0) | (group is null ? 0 : HasGroup) | (expiry is null ? 0 : HasExpiry)
                      | (isDelayed ? HasDueTime : 0) | (place is null ? 0 : HasPlace) | (note is null ? 0 : HasNote));
        writer.Number(message.EnqueuedAt);
        writer.Number(message.Segment);
        writer.Number(message.Offset);
        writer.Number(message.Length);
        writer.Number(message.DeliveryCount);
        if (group is not null)
            writer.Text(group.Key);
        if (expiry is { } at)
            writer.Number(at);
        if (isDelayed)
            writer.Number(page.DueTimes[slot]);
        if (place is { } there)
        {
            writer.Number(there.Anchor);
            writer.Number(there.Turn);
        }

        if (note is not null)
            Encode(writer, note);
    }

    private static void Encode(StateWriter writer, DeadLetterNote note)
    {
        writer.Text(note.Source.Value);
        writer.Number(note.SourceSequence);
        writer.Number(note.EnqueuedAt.Milliseconds);
        writer.Number(note.DeliveryCount);
        writer.Number((long)note.Cause);
        writer.Text(note.Reason);
        writer.OptionalGroup(note.SourceGroup);
        writer.Number(note.Via.Length);
        foreach (var queue in note.Via)
            writer.Text(queue.Value);
    }

    private static void Decode(StateReader reader, Page page, Backlog backlog)
    {
        var slot = reader.Count();
        var state = (MessageState)reader.Number();
        var has = reader.Number();
        page.Fill(slot, new MessageRef
        {
            State = state,
            WasLeased = (has & WasLeased) != 0,
            EnqueuedAt = reader.Number(),
            Segment = reader.Number(),
            Offset = reader.Count(),
            Length = reader.Count(),
            DeliveryCount = reader.Count(),
        });
        if ((has & HasGroup) != 0)
            page.Groups.Set(slot, backlog.GroupOf(reader.Text()));
        if ((has & HasExpiry) != 0)
            page.Expiries.Set(slot, reader.Number());
        if ((has & HasDueTime) != 0)
            page.DueTimes.Set(slot, reader.Number());
        if ((has & HasPlace) != 0)
            page.Places.Set(slot, new Place(reader.Number(), reader.Number()));
        if ((has & HasNote) != 0)
            page.Notes.Set(slot, DecodeNote(reader));
    }

    private static DeadLetterNote DecodeNote(StateReader reader) => new(
        new QueueName(reader.Text()),
        reader.Number(),
        new LogTime(reader.Number()),
        reader.Count(),
        (DeadLetterCause)reader.Number(),
        reader.Text())
    {
        SourceGroup = reader.OptionalGroup(),
        Via = DecodeVia(reader),
    };

    private static ImmutableArray<QueueName> DecodeVia(StateReader reader)
    {
        var via = new QueueName[reader.Count()];
        for (var i = 0; i < via.Length; i++)
            via[i] = new QueueName(reader.Text());
        return [.. via];
    }
}
