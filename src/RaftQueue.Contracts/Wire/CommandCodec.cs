using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Commands as the log carries them. What the gateway lets in and what a replica applies are read by the same code.</summary>
public static class CommandCodec
{
    /// <summary>The command as bytes. Its bounds are not checked here; see <see cref="CommandBounds"/>.</summary>
    public static byte[] Encode(ICommand command) => CommandMapper.ToProto(command).ToByteArray();

    /// <summary>
    /// The command that was encoded, within all bounds that do not depend on the state. Its messages are not copied again when they are
    /// read.
    /// </summary>
    /// <exception cref="MalformedException">The bytes are no command of this version, or one beyond its bounds.</exception>
    public static ICommand Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Bounds.MaxCommandBytes)
            throw CommandBounds.TooLarge("command", bytes.Length, Bounds.MaxCommandBytes);
        var command = CommandMapper.FromProto(ProtoBytes.Read<Proto.Command>(bytes));
        CommandBounds.Check(command);
        return command;
    }

    /// <summary>As <see cref="Decode"/>, for those who can say what is wrong without an exception.</summary>
    /// <param name="bytes">An encoded command.</param>
    /// <param name="command">The command, or null.</param>
    /// <param name="problem">What is wrong, for people; empty where nothing is.</param>
    /// <returns>Whether it is a command.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ICommand? command, out string problem)
    {
        try
        {
            (command, problem) = (Decode(bytes), "");
            return true;
        }
        catch (MalformedException malformed)
        {
            (command, problem) = (null, malformed.Message);
            return false;
        }
    }
}
