using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftQueue.Chaos.History;

/// <summary>A history as JSON lines.</summary>
public static class HistoryFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>One event as a line, without its end.</summary>
    public static string Format(HistoryEvent recorded) => JsonSerializer.Serialize(recorded, Options);

    /// <summary>The event of a line.</summary>
    /// <exception cref="JsonException">It is no event.</exception>
    public static HistoryEvent Parse(string line) => JsonSerializer.Deserialize<HistoryEvent>(line, Options) ?? throw new JsonException("The line is null.");

    /// <summary>The events of a file, in the order in which they were seen.</summary>
    /// <exception cref="FormatException">A line is no event; the message names it.</exception>
    public static IReadOnlyList<HistoryEvent> Read(string path)
    {
        var events = new List<HistoryEvent>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                events.Add(Parse(line));
            }
            catch (JsonException problem)
            {
                throw new FormatException($"{path}, line {events.Count + 1}: {problem.Message}", problem);
            }
        }

        return events;
    }
}
