using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RaftQueue.Simulation.Engine;

/// <summary>Hears a line of the trace: when, who, what.</summary>
public delegate void TraceListener(TimeSpan at, string who, string text);

/// <summary>
/// What happened, in order: always as a hash, by which two runs of a seed are compared, and as readable lines where somebody listens.
/// </summary>
public sealed class Trace(Schedule schedule, TraceListener? listener = null)
{
    /// <summary>A fingerprint of everything mixed in so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Whether anyone reads the lines.</summary>
    public bool IsHeard => listener is not null;

    /// <summary>Adds numbers to the fingerprint.</summary>
    public void Mix(long first, long second, long third, long fourth)
    {
        Mix(schedule.Now.Ticks);
        Mix(first);
        Mix(second);
        Mix(third);
        Mix(fourth);
    }

    /// <summary>Writes a line; the text is only built when somebody listens.</summary>
    public void Say(string who, [InterpolatedStringHandlerArgument("")] ref Line line)
    {
        listener?.Invoke(schedule.Now, who, line.Text);
    }

    private void Mix(long value) => Hash = System.Numerics.BitOperations.RotateLeft((Hash ^ (ulong)value) * 0x9E3779B97F4A7C15, 29);

    /// <summary>A line in the making.</summary>
    [InterpolatedStringHandler]
    public readonly struct Line
    {
        private readonly StringBuilder? _text;

        public Line(int literalLength, int formattedCount, Trace trace, out bool isWanted)
        {
            isWanted = trace.IsHeard;
            _text = isWanted ? new StringBuilder(literalLength + formattedCount * 8) : null;
        }

        /// <summary>The line.</summary>
        public string Text => _text?.ToString() ?? "";

        public void AppendLiteral(string literal) => _text?.Append(literal);

        public void AppendFormatted<T>(T value) => _text?.Append(CultureInfo.InvariantCulture, $"{value}");
    }
}
