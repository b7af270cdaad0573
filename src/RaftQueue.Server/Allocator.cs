using System.Runtime.InteropServices;

namespace RaftQueue.Server;

/// <summary>
/// One arena for the C library's allocator. By default every thread gets its own, and each grows to the largest burst of native memory (SQLite's, while it copies a record or a piece of a
/// snapshot) that ever passed through that thread: some 80 MiB in a busy server, which are touched in turn and never given back.
/// </summary>
internal static class Allocator
{
    private const int ArenaMax = -8; // M_ARENA_MAX of malloc.h

    public static void UseOneArena()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(ArenaMax, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc has no arenas to limit.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int SetOption(int parameter, int value);
}
