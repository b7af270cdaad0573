using System.Reflection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

public sealed class RoundtripTests
{
    private static readonly Type[] Families =
    [
        typeof(IPeerMessage), typeof(IClientMessage), typeof(IReply), typeof(IQuery), typeof(ICommand), typeof(IAdminCommand), typeof(IRaftEvent),
    ];

    public static TheoryData<string> Names => new(Samples.All.Select(sample => sample.Name));

    public static TheoryData<string> Kinds => new(KindsOfMessages().Select(type => type.Name));

    internal static Sample Named(string name) => Samples.All.Single(sample => sample.Name == name);

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_read_is_what_was_written(string name)
    {
        var sample = Named(name);
        var bytes = sample.Bytes;

        var read = sample.Decode(bytes);

        Assert.Equal(ValueText.Of(sample.Value), ValueText.Of(read));
        Assert.Equal(bytes, sample.Encode(read));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_message_has_a_sample(string kind) =>
        Assert.Contains(Samples.All, sample => sample.Content.GetType().Name == kind);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_field_of_a_kind_is_left_at_its_default_in_all_samples(string kind)
    {
        var values = Samples.All.Select(sample => sample.Content).Where(value => value.GetType().Name == kind).ToList();
        foreach (var part in ValueText.PartsOf(values[0].GetType()))
            Assert.True(values.Any(value => !IsDefault(part, value)), $"{kind}.{part.Name} is at its default in every sample: losing it would not be seen");
    }

    [Fact]
    public void Every_manifest_has_a_sample_and_no_manifest_is_used_twice()
    {
        var used = Samples.All.Select(sample => sample.Value).Where(value => value is Envelope or Introduction or IClientMessage or IReply).Select(WireCodec.ManifestOf);
        Assert.Equal(Manifests.All.Order(), used.Distinct().Order());
        Assert.Equal(Manifests.All.Count, Manifests.All.Distinct().Count());
    }

    [Fact]
    public void A_duration_below_a_millisecond_does_not_become_none()
    {
        var command = new Receive(new QueueName("q"), new ConsumerId(Sample.Id(1)), 1, TimeSpan.FromTicks(1), TimeSpan.Zero);
        var read = (Receive)CommandCodec.Decode(CommandCodec.Encode(command));
        Assert.Equal(TimeSpan.FromMilliseconds(1), read.Wait);
        Assert.Equal(TimeSpan.Zero, read.Lease);
    }

    [Fact]
    public void A_refusal_that_this_version_does_not_know_keeps_its_text()
    {
        var bytes = WireCodec.Encode(new Refused((RefusalCode)9_999, "of a newer version"));
        Assert.Equal(new Refused(RefusalCode.Unknown, "of a newer version"), WireCodec.Decode(Manifests.Reply, bytes));
    }

    [Fact]
    public void A_field_of_a_newer_version_is_skipped()
    {
        byte[] field900 = [0xA0, 0x38, 0x01];
        foreach (var sample in Samples.All.Where(sample => sample.Value is Envelope or IClientMessage or ICommand or IReply))
            Assert.Equal(ValueText.Of(sample.Value), ValueText.Of(sample.Decode((byte[])[.. sample.Bytes, .. field900])));
    }

    private static IEnumerable<Type> KindsOfMessages() =>
        typeof(Envelope).Assembly.GetTypes().Where(type => !type.IsAbstract && Families.Any(family => family.IsAssignableFrom(type)));

    private static bool IsDefault(PropertyInfo part, object value)
    {
        var type = part.PropertyType;
        var none = type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
        return part.GetValue(value) switch
        {
            null => true,
            string text => text.Length == 0,
            var present => present.Equals(none),
        };
    }
}
