using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RaftQueue.Simulation.Checkers;

/// <summary>What is to be said where a promise does not hold; nothing is built while it holds, and that is nearly always.</summary>
[InterpolatedStringHandler]
public readonly struct Otherwise
{
    private readonly StringBuilder? _text;

    public Otherwise(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = isWanted ? new StringBuilder(literalLength + formattedCount * 8) : null;
    }

    /// <summary>The sentence.</summary>
    public string Text => _text?.ToString() ?? "";

    public void AppendLiteral(string literal) => _text?.Append(literal);

    public void AppendFormatted<T>(T value) => _text?.Append(CultureInfo.InvariantCulture, $"{value}");
}
