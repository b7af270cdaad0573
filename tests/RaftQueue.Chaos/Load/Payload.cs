namespace RaftQueue.Chaos.Load;

/// <summary>Payloads that name themselves: a unique id, and padding.</summary>
internal static class Payload
{
    public static string Make(string id, Random random) => $"{id}|{new string('x', random.Next(random.Next(50) == 0 ? 8_000 : 300))}";

    public static string IdOf(string payload) => payload[..payload.IndexOf('|', StringComparison.Ordinal)];
}
