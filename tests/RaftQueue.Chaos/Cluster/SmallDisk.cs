namespace RaftQueue.Chaos.Cluster;

/// <summary>A disk that can be filled: a tmpfs of its own under a node's data.</summary>
internal static class SmallDisk
{
    private const string Ballast = "ballast";

    public static void Mount(string folder)
    {
        Directory.CreateDirectory(folder);
        Shell.Run("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", folder);
    }

    /// <summary>Fills it to the last page.</summary>
    public static void Fill(string folder)
    {
        var page = new byte[1 << 20];
        using var file = new FileStream(Path.Combine(folder, Ballast), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = page.Length; size >= 4096;)
        {
            try
            {
                file.Write(page, 0, size);
            }
            catch (IOException)
            {
                size /= 2; // full: smaller pieces find the last room
            }
        }
    }

    /// <summary>Makes room again.</summary>
    public static void Empty(string folder) => File.Delete(Path.Combine(folder, Ballast));
}
