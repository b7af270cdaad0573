using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Client.Configuring;

/// <summary>Typed values of a section. What has the wrong type is refused by its path, instead of becoming a zero.</summary>
internal sealed class HoconValues(Config config, string section)
{
    public string Text(string key) => Read(key, value => value.GetString(), "a text");

    public IList<string> Texts(string key) => Read(key, value => value.IsString() || value.IsObject() ? throw new FormatException() : value.GetStringList(), "a list of texts");

    public int Number(string key) => Read(key, value => int.Parse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture), "a whole number");

    public bool Flag(string key) => Read(key, value => value.GetBoolean(), "on or off");

    public int Bytes(string key) => Read(key, value => checked((int)(value.GetByteSize() ?? throw new FormatException())), "a size such as 64KiB");

    public TimeSpan TimeSpan(string key) => Read(key, value => value.GetTimeSpan(allowInfinite: false), "a time such as 500ms or 10s");

    private T Read<T>(string key, Func<HoconValue, T> read, string expected)
    {
        var path = $"{section}.{key}";
        var value = config.GetValue(path);
        try
        {
            return read(value);
        }
        catch (Exception problem) when (problem is FormatException or OverflowException or NotSupportedException or ArgumentException)
        {
            throw new ClientConfigurationException(path, $"'{value}' is not {expected}.", problem);
        }
    }
}
