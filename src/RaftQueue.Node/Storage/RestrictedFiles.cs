namespace RaftQueue.Node.Storage;

/// <summary>
/// Files and folders that only the account of the node may read: messages lie in them. Windows has no modes; there the folder's own rights
/// count.
/// </summary>
internal static class RestrictedFiles
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    /// <summary>Opens a file; one that is made is its owner's alone.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode;
        return new FileStream(path, options);
    }

    /// <summary>Makes a folder and what leads to it, durably; the folder is its owner's alone, also where it was there before.</summary>
    public static DirectoryInfo CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(path);
        var isNew = !Directory.Exists(path);
        var folder = Directory.CreateDirectory(path, FolderMode);
        Restrict(path, FolderMode);
        if (isNew && folder.Parent is { } parent)
            DurableFile.SyncDirectory(parent.FullName);
        return folder;
    }

    /// <summary>
    /// Makes sure that a file is its owner's alone, and makes an empty one where there is none: whoever opens it afterwards keeps its mode.
    /// </summary>
    public static void Prepare(string path)
    {
        Open(path, System.IO.FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        if (!OperatingSystem.IsWindows())
            Restrict(path, FileMode);
    }

    // A volume may belong to another account that lets us in; only an owner can change the mode.
    private static void Restrict(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~mode) == 0)
            return;
        try
        {
            File.SetUnixFileMode(path, mode);
        }
        catch (UnauthorizedAccessException)
        {
            return;
        }
    }
}
