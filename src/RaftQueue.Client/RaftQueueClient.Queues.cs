using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Client.Consuming;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Receive = RaftQueue.Contracts.Queue.Receive;

namespace RaftQueue.Client;

/// <summary>What is asked of queues outside of producers and consumers.</summary>
public sealed partial class RaftQueueClient
{
    private static readonly TimeSpan TimeToReplay = TimeSpan.FromSeconds(20);

    /// <summary>Creates a queue. Declaring it again with the same options changes nothing.</summary>
    /// <param name="queue">1 to 128 characters of <c>a-z A-Z 0-9 . _ -</c>.</param>
    /// <param name="options">How it is to behave; null for the defaults.</param>
    /// <param name="cancellation">Stops waiting; the queue may be created nevertheless.</param>
    /// <returns>Whether the queue is new; a retry after a lost answer may say that it was there.</returns>
    /// <exception cref="ArgumentException">An option is missing its value, or has one that does not exist; nothing was sent.</exception>
    /// <exception cref="RaftQueueException">The options contradict each other, or those of the existing queue.</exception>
    public async Task<bool> DeclareQueueAsync(string queue, QueueOptions? options = null, CancellationToken cancellation = default)
    {
        var (name, chosen) = (Names.Queue(queue), options ?? QueueOptions.Default);
        if (!Enum.IsDefined(chosen.Overflow))
            throw new ArgumentOutOfRangeException(nameof(options), chosen.Overflow, $"Overflow must be one of {string.Join(", ", Enum.GetNames<OverflowPolicy>())}.");
        if (chosen.DeadLetterQueue is { } named)
            Names.Queue(named.Value, nameof(chosen.DeadLetterQueue));
        if (chosen.DeadLetterQueue is { } deadLetters && await Admin.CountGroupsAsync(cancellation).ConfigureAwait(false) > 1)
            await LookForCircleAsync(name, deadLetters, cancellation).ConfigureAwait(false);
        var declared = await _caller.CommandAsync<Declared>($"declare queue '{queue}'", new DeclareQueue(name, chosen), cancellation).ConfigureAwait(false);
        return declared.IsNew;
    }

    // Each group sees the circles among its own queues; one that leads through others is seen from here only.
    private async Task LookForCircleAsync(QueueName queue, QueueName deadLetters, CancellationToken cancellation)
    {
        var path = new List<QueueName> { queue };
        for (QueueName? next = deadLetters; next is { } target && !path.Skip(1).Contains(target);)
        {
            path.Add(target);
            if (target == queue)
                throw new RaftQueueException(RefusalCode.DeadLetterCycle, $"DeadLetterQueue of '{queue}' leads back to it: {string.Join(" -> ", path)}.");
            try
            {
                next = (await GetQueueStatsAsync(target.Value, cancellation).ConfigureAwait(false)).Options.DeadLetterQueue;
            }
            catch (QueueNotFoundException)
            {
                return; // it will be made without a dead-letter queue of its own when it is first needed
            }
        }
    }

    /// <summary>Deletes a queue with all its messages.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellation">Stops waiting; the queue may be deleted nevertheless.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    public async Task DeleteQueueAsync(string queue, CancellationToken cancellation = default)
    {
        var result = await _caller.CommandAsync(
            $"delete queue '{queue}'", new DeleteQueue(Names.Queue(queue)), TimeSpan.Zero, cancellation).ConfigureAwait(false);
        // Gone at a second attempt means that the first has deleted it.
        if (result is not { OutcomeUnknown: true, Reply: Refused { Code: RefusalCode.UnknownQueue } })
            Refusals.Expect<Deleted>(result);
    }

    /// <summary>Removes every message that nobody holds.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellation">Stops waiting; messages may be removed nevertheless.</param>
    /// <returns>
    /// How many messages went. Where an answer was lost and the request repeated, only those that the last attempt found.
    /// </returns>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    public async Task<long> PurgeQueueAsync(string queue, CancellationToken cancellation = default) =>
        (await _caller.CommandAsync<Purged>($"purge queue '{queue}'", new PurgeQueue(Names.Queue(queue)), cancellation).ConfigureAwait(false)).Messages;

    /// <summary>The queues of the whole cluster, ordered by name.</summary>
    /// <param name="prefix">Only names that start so; empty for all.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>
    /// They are fetched page by page, each page as of one point of its group's log. A queue that is there from before the call until after
    /// it is named once.
    /// </returns>
    public async Task<IReadOnlyList<QueueStats>> ListQueuesAsync(string prefix = "", CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var groups = await Admin.CountGroupsAsync(cancellation).ConfigureAwait(false);
        var lists = await Task.WhenAll(Enumerable.Range(0, groups).Select(group => ListGroupAsync(new GroupId(group), prefix, cancellation))).ConfigureAwait(false);
        return [.. lists.SelectMany(queues => queues).OrderBy(stats => stats.Queue)];
    }

    private async Task<List<QueueStats>> ListGroupAsync(GroupId group, string prefix, CancellationToken cancellation)
    {
        var queues = new List<QueueStats>();
        for (var hasMore = true; hasMore;)
        {
            var question = new ListQueues(prefix, queues is [.., var last] ? last.Queue : null);
            var page = await _caller.QueryAsync<QueueList>(
                $"list the queues of group {group}", new Target.LeaderOfGroup(group), question, cancellation).ConfigureAwait(false);
            queues.AddRange(page.Queues);
            hasMore = page.HasMore;
        }

        return queues;
    }

    /// <summary>How a queue is, never out of date.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    public Task<QueueStats> GetQueueStatsAsync(string queue, CancellationToken cancellation = default)
    {
        var name = Names.Queue(queue);
        return _caller.QueryAsync<QueueStats>($"get the stats of queue '{queue}'", new Target.LeaderOfQueue(name), new GetQueueStats(name), cancellation);
    }

    /// <summary>Looks at messages without taking them, in the order of their sequences.</summary>
    /// <typeparam name="T">The type of the payloads.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="fromSequence">The first sequence of interest.</param>
    /// <param name="maxMessages">How many at most, 1 to <see cref="Bounds.MaxReceive"/>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    public async Task<IReadOnlyList<PeekedMessage<T>>> PeekAsync<T>(
        string queue, long fromSequence = 1, int maxMessages = 1, CancellationToken cancellation = default)
    {
        var name = Names.Queue(queue);
        Range.Check(nameof(fromSequence), fromSequence, 0, long.MaxValue);
        Range.Check(nameof(maxMessages), maxMessages, 1, Bounds.MaxReceive);
        var serializer = _payloads.SerializerOf<T>();
        var peeked = await _caller.QueryAsync<Peeked>(
            $"peek into queue '{queue}'", new Target.LeaderOfQueue(name), new Peek(name, fromSequence, maxMessages), cancellation).ConfigureAwait(false);
        var letters = peeked.DeadLetters.ToDictionary(letter => letter.Sequence);
        return [.. peeked.Deliveries.ToList().Select(delivery => new PeekedMessage<T>(queue, delivery, letters.GetValueOrDefault(delivery.Sequence), serializer))];
    }

    /// <summary>
    /// What became of a message: who sent it and when, to whom it was delivered, how each delivery ended, and where the message went. It is read from the log, and reaches
    /// back as far as the log is kept; <see cref="Explained.Since"/> says where that begins, and <see cref="Explained.Before"/> where the message stood then.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="sequence">The message, by its sequence there.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue, and there was none in the kept history.</exception>
    /// <exception cref="RaftQueueException">No message of the queue has that sequence yet (<see cref="RefusalCode.OutOfBounds"/>).</exception>
    public Task<Explained> ExplainAsync(string queue, long sequence, CancellationToken cancellation = default)
    {
        var name = Names.Queue(queue);
        Range.Check(nameof(sequence), sequence, 1, long.MaxValue);
        return _caller.QueryAsync<Explained>(
            $"explain message {sequence} of queue '{queue}'", new Target.LeaderOfQueue(name), new ExplainMessage(name, sequence), cancellation, TimeToReplay);
    }

    /// <summary>
    /// Moves messages of a dead-letter queue back, in order: what can be moved is moved, and the rest is counted with the reason. Each is
    /// moved once, however often the request
    /// is retried. What goes to a queue of another group leaves at once, and arrives as soon as that queue exists and has room; until then
    /// <see cref="QueueStats.InTransit"/> counts it.
    /// </summary>
    /// <param name="deadLetterQueue">The dead-letter queue.</param>
    /// <param name="options">Which messages, and where to; null for all that can go back to where they came from, at most 1,024.</param>
    /// <param name="cancellation">Stops waiting; messages may be moved nevertheless.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue, or the named target does not exist.</exception>
    public async Task<RedriveResult> RedriveAsync(
        string deadLetterQueue, RedriveOptions? options = null, CancellationToken cancellation = default)
    {
        var chosen = options ?? new RedriveOptions();
        chosen.Check();
        var (queue, from, moved) = (Names.Queue(deadLetterQueue), chosen.FromSequence, 0);
        var skipped = new List<RedriveSkipped>();
        do
        {
            var command = chosen.CommandFor(queue, from, chosen.MaxMessages - moved);
            var redriven = await _caller.CommandAsync<Redriven>($"redrive queue '{deadLetterQueue}'", command, cancellation)
                .ConfigureAwait(false);
            moved += redriven.Moved;
            from = redriven.NextSequence;
            skipped.AddRange(redriven.Skipped);
        }
        while (from != 0 && moved < chosen.MaxMessages);

        return RedriveResult.Of(moved, skipped);
    }

    /// <summary>
    /// Pulls messages: completes as soon as there is one, or empty when the wait is over. Their leases are not extended by themselves.
    /// </summary>
    /// <typeparam name="T">The type of the payloads.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="maxMessages">How many at most, 1 to <see cref="Bounds.MaxReceive"/>.</param>
    /// <param name="wait">How long to wait for the first; at most <see cref="Bounds.MaxReceiveWait"/>.</param>
    /// <param name="lease">How long they are leased; null for the queue's own lease.</param>
    /// <param name="cancellation">
    /// Ends the pull. What it may have got already goes back to its place in the order, and does not count as delivered.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value lies outside its bounds; nothing was sent.</exception>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    public async Task<IReadOnlyList<ReceivedMessage<T>>> ReceiveAsync<T>(
        string queue, int maxMessages = 1, TimeSpan wait = default, TimeSpan? lease = null, CancellationToken cancellation = default)
    {
        Range.Check(nameof(maxMessages), maxMessages, 1, Bounds.MaxReceive);
        Range.Check(nameof(wait), wait, TimeSpan.Zero, Bounds.MaxReceiveWait);
        if (lease is { } leased)
            Range.Check(nameof(lease), leased, Bounds.MinLease, Bounds.MaxLease);

        var serializer = _payloads.SerializerOf<T>();
        var command = new Receive(Names.Queue(queue), ConsumerId.New(), maxMessages, wait, lease ?? TimeSpan.Zero);
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var pull = new Pull(command.Queue, command.Consumer);
        var deliveries = await PullAsync(pull, command, cancellation).ConfigureAwait(false);
        var desk = new PullDesk(pull, _pulls, _pullsEnding, _caller);
        return [.. deliveries.Select(delivery => new ReceivedMessage<T>(queue, delivery, serializer, desk))];
    }

    /// <summary>Pulls, and gives back what the caller does not get: it cancelled, its time was over, or the client was disposed.</summary>
    private async Task<IReadOnlyList<Delivery>> PullAsync(Pull pull, Receive command, CancellationToken cancellation)
    {
        _pulls.Tell(new PullActor.Opened(pull));
        try
        {
            var result = await _caller.CommandAsync($"receive from queue '{pull.Queue}'", command, command.Wait, cancellation).ConfigureAwait(false);
            var received = Refusals.Expect<Received>(result);
            var deliveries = received.Deliveries.ToList(received.DeadLetters);
            if (deliveries.Count == 0)
                _pulls.Tell(new PullActor.Over(pull, MayHold: false));
            else if (pull.TryHandOver(deliveries))
                _pulls.Tell(new PullActor.HandedOver(pull, [.. deliveries.Select(delivery => delivery.Token)]));
            else
                throw new ObjectDisposedException(nameof(RaftQueueClient));
            return deliveries;
        }
        catch (Exception problem)
        {
            _pulls.Tell(new PullActor.Over(pull, MayHold: problem is not RaftQueueException { OutcomeUnknown: false }));
            throw;
        }
    }
}
