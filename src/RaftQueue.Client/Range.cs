namespace RaftQueue.Client;

/// <summary>Bounds of what callers give, named in the error.</summary>
internal static class Range
{
    public static void Check(string name, long value, long least, long most)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}.");
    }

    public static void Check(string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}.");
    }

    public static void CheckPositive(string name, TimeSpan value) => Check(name, value, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
}
