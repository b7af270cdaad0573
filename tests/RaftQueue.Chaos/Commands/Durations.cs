using System.CommandLine.Parsing;
using System.Globalization;

namespace RaftQueue.Chaos.Commands;

/// <summary>Durations as people write them: 90s, 10m, 1h.</summary>
internal static class Durations
{
    public static TimeSpan Parse(ArgumentResult argument)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[0].Value : "";
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
        {
            switch (text[^1])
            {
                case 's':
                    return TimeSpan.FromSeconds(count);
                case 'm':
                    return TimeSpan.FromMinutes(count);
                case 'h':
                    return TimeSpan.FromHours(count);
            }
        }

        argument.AddError($"'{text}' is no duration; write 90s, 10m or 1h.");
        return TimeSpan.Zero;
    }
}
