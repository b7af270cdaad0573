namespace RaftQueue.Contracts.Hocon;

/// <summary>Finds the name that somebody most likely meant.</summary>
internal static class Nearest
{
    // In names this short, two changes make any other.
    private const int ShortestName = 4;

    /// <summary>The known name with the fewest edits from the given one; null where none is near.</summary>
    public static string? Of(string given, IEnumerable<string> known) => known
        .Select(name => (Name: name, Edits: Edits(given, name)))
        .Where(candidate => candidate.Edits <= Math.Max(2, given.Length / 3))
        .OrderBy(candidate => candidate.Edits)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>Whether a name is so near to a known one that it can only be meant as that.</summary>
    public static bool IsMisspelling(string given, IEnumerable<string> known) =>
        given.Length >= ShortestName && known.Any(name => name.Length >= ShortestName && Edits(given, name) <= 2);

    // Levenshtein's distance, a row at a time.
    private static int Edits(string given, string name)
    {
        var row = Enumerable.Range(0, name.Length + 1).ToArray();
        for (var i = 1; i <= given.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= name.Length; j++)
            {
                var replaced = diagonal + (given[i - 1] == name[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
