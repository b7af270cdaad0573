using System.Buffers;
using System.Buffers.Binary;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Simulation.Checkers;

namespace RaftQueue.Simulation.Clients;

/// <summary>
/// Sends numbered messages, several commands at a time, and keeps on retrying each under its first numbers until it is confirmed. Its window reaches from the oldest
/// command that is not confirmed: the queue remembers only the latest commands, and one that fell far behind could not be told from a new one.
/// </summary>
public sealed class Producer(ClientView client, Referee referee, QueueName queue, TimeSpan thinkTime, bool isDemanding = false)
{
    private const int MaxInFlight = 6, Window = Bounds.MaxRememberedCommandsPerProducer / 2;
    private ProducerId _id = new(client.Random.NextGuid());
    private readonly SortedSet<long> _open = [];
    private long _next = 1;
    private long _commands;
    private bool _isStopped;

    /// <summary>How many commands were confirmed.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Whether every command it sent is confirmed.</summary>
    public bool IsIdle => _open.Count == 0;

    /// <summary>Starts sending.</summary>
    public void Start() => client.Schedule.After(client.Random.Between(TimeSpan.Zero, thinkTime * 2), Send);

    /// <summary>Sends nothing new; what is on its way is still retried.</summary>
    public void Stop() => _isStopped = true;

    private void Send()
    {
        if (_isStopped)
            return;
        if (_open.Count < MaxInFlight && (_open.Count == 0 || _commands - _open.Min < Window))
            Send(client.Random.Chance(0.7) ? 1 : client.Random.Between(2, 4));
        client.Schedule.After(client.Random.Between(TimeSpan.Zero, thinkTime * 2), Send);
    }

    private void Send(int count)
    {
        var command = new Enqueue(queue, _id, _next, client.Random.Chance(0.5), Messages(_next, count));
        var number = ++_commands;
        _next += count;
        _open.Add(number);
        client.Ask(command, reply =>
        {
            // Commands overtake each other on their way, so a gap may close by itself, unless one before it was refused for good.
            if (reply is Refused { Code: RefusalCode.SequenceGap } && command.Producer == _id)
                return false;
            if (reply is Refused { Code: RefusalCode.SequenceGap or RefusalCode.UnknownQueue or RefusalCode.QueueFull })
                StartAnew(command);
            else if (reply is Enqueued enqueued)
                Confirm(command, enqueued);
            else
                throw new Violation("Nothing Confirmed Is Lost", $"an enqueue to {queue} was answered with {reply}");
            _open.Remove(number);
            return true;
        });
    }

    private void Confirm(Enqueue command, Enqueued reply)
    {
        referee.Confirmed(command, reply);
        Confirmed++;
    }

    /// <summary>
    /// The numbers of a refused command stay unused: nothing behind it can be stored under its own, and what comes next goes by a new id.
    /// </summary>
    private void StartAnew(Enqueue refused)
    {
        referee.Refused(refused);
        if (refused.Producer == _id)
            (_id, _next) = (new ProducerId(client.Random.NextGuid()), 1);
    }

    private MessageBlock Messages(long first, int count)
    {
        var output = new ArrayBufferWriter<byte>(64 * count);
        Span<byte> body = stackalloc byte[64];
        for (var i = 0; i < count; i++)
        {
            var length = client.Random.Between(8, body.Length);
            BinaryPrimitives.WriteInt64LittleEndian(body, first + i);
            body[8..].Fill((byte)client.Random.Below(256));
            if (isDemanding)
                DemandingQueue.Write(output, body[..length], client.Random);
            else
                MessageView.Write(output, null, null, null, [], body[..length]);
        }

        return new MessageBlock(output.WrittenMemory, count);
    }
}
