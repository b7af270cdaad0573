using System.CommandLine;

namespace RaftQueue.Benchmarks.Load;

/// <summary>The sizes of a run on the command line; what is not given is the workload's own.</summary>
internal sealed class SizeOptions
{
    private readonly (Option<int?> Option, Func<LoadOptions, int, LoadOptions> Set)[] _sizes =
    [
        Size("--count", "Messages.", (options, value) => options with { Count = value }),
        Size("--size", "Bytes of a message, at least 12.", (options, value) => options with { Size = value }),
        Size("--producers", "Producers.", (options, value) => options with { Producers = value }),
        Size("--window", "Unconfirmed messages of a producer.", (options, value) => options with { Window = value }),
        Size("--consumers", "Consumers of a queue.", (options, value) => options with { Consumers = value }),
        Size("--prefetch", "Unacknowledged messages of a consumer.", (options, value) => options with { Prefetch = value }),
        Size("--rate", "Messages a second, where a rate is kept.", (options, value) => options with { Rate = value }),
        Size("--queues", "Queues.", (options, value) => options with { Queues = value }),
        Size("--groups", "Raft groups.", (options, value) => options with { Groups = value }),
        Size("--warmup", "Messages before measuring.", (options, value) => options with { Warmup = value }),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _sizes)
            command.Options.Add(option);
    }

    public LoadOptions Read(ParseResult parsed, LoadOptions defaults) => _sizes.Aggregate(
        defaults, (options, size) => parsed.GetValue(size.Option) is { } value ? size.Set(options, value) : options);

    private static (Option<int?>, Func<LoadOptions, int, LoadOptions>) Size(
        string name, string description, Func<LoadOptions, int, LoadOptions> set)
    {
        var option = new Option<int?>(name) { Description = description };
        var least = name switch { "--size" => Stamp.Size, "--warmup" => 0, _ => 1 };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < least)
                result.AddError($"{name} must be at least {least}.");
        });
        return (option, set);
    }
}
