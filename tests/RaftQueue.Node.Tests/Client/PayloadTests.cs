using Hyperion;
using RaftQueue.Client;
using RaftQueue.Client.Payloads;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

public sealed class PayloadTests
{
    private static PayloadRegistry Registry() => new PayloadRegistry().RegisterType<Order>("order").RegisterType<Line>("line").RegisterType<Kind>("kind");

    [Fact]
    public void A_registered_type_is_read_back_with_all_its_parts()
    {
        var serializer = Registry().SerializerOf<Order>();
        var order = new Order("o-1", [new Line("tea", 2), new Line("jam", 1)], new() { ["at"] = Guid.NewGuid() }, DateTimeOffset.UnixEpoch, 3, 1.5m, Kind.Express);

        var read = serializer.Deserialize(serializer.Serialize(order), serializer.ContentType);

        Assert.Equal("application/x-hyperion; type=order", serializer.ContentType);
        Assert.Equal(order.Lines, read.Lines);
        Assert.Equal(order.Notes, read.Notes);
        Assert.Equal(order with { Lines = read.Lines, Notes = read.Notes }, read);
    }

    [Fact]
    public void A_part_of_an_unregistered_type_is_refused_when_it_is_written()
    {
        var serializer = new PayloadRegistry().RegisterType<Order>("order").RegisterType<Kind>("kind").SerializerOf<Order>();
        var order = new Order("o-1", [new Line("tea", 2)], [], DateTimeOffset.UnixEpoch, null, 0, Kind.Normal);

        Assert.Contains("Line", Assert.Throws<UnregisteredTypeException>(() => serializer.Serialize(order)).TypeName, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_name_another_type_are_refused_whatever_they_claim_to_be()
    {
        var serializer = Registry().SerializerOf<Order>();
        foreach (var smuggled in new object[] { new Stranger("x"), new List<Stranger> { new("y") }, (Action)(() => throw new InvalidOperationException("ran")), new FileInfo("f") })
        {
            using var stream = new MemoryStream();
            new Serializer(SerializerOptions.Default.WithDisallowUnsafeType(false)).Serialize(smuggled, stream);
            Assert.Throws<UnregisteredTypeException>(() => serializer.Deserialize(stream.ToArray(), serializer.ContentType));
        }
    }

    [Fact]
    public void Damaged_bytes_are_no_payload()
    {
        var serializer = Registry().SerializerOf<Order>();
        var bytes = serializer.Serialize(new Order("o-1", [], [], DateTimeOffset.UnixEpoch, null, 0, Kind.Normal));

        Assert.ThrowsAny<PayloadException>(() => serializer.Deserialize(bytes[..(bytes.Length / 2)], serializer.ContentType));
        Assert.ThrowsAny<PayloadException>(() => serializer.Deserialize(bytes, "text/plain"));
        Assert.ThrowsAny<PayloadException>(() => Registry().SerializerOf<string>().Deserialize(new byte[] { 0xFF }, null));
    }

    [Theory]
    [InlineData("System.String", true)]
    [InlineData("System.Collections.Generic.List`1[[System.String, System.Private.CoreLib,%core%]], System.Private.CoreLib,%core%", true)]
    [InlineData("System.Int32[], System.Private.CoreLib,%core%", true)]
    [InlineData("System.Collections.Generic.List`1[[System.IO.FileInfo, System.Private.CoreLib,%core%]], System.Private.CoreLib,%core%", false)]
    [InlineData("System.String, Elsewhere", false)]
    [InlineData("System.String, System.Private.CoreLib]", false)]
    [InlineData("System.Collections.Generic.List`1[[System.String, System.Private.CoreLib]", false)]
    [InlineData("", false)]
    public void Each_part_of_a_type_name_must_be_allowed(string name, bool isAllowed) =>
        Assert.Equal(isAllowed, new RegisteredTypeFilter([]).IsAllowed(name));

    [Fact]
    public void A_name_stands_for_one_type()
    {
        var registry = Registry();
        Assert.Throws<ArgumentException>(() => registry.RegisterType<Stranger>("order"));
        Assert.Throws<ArgumentException>(() => registry.RegisterType<Order>("purchase"));
        Assert.Throws<UnregisteredTypeException>(() => registry.SerializerOf<Stranger>());
    }

    public enum Kind
    {
        Normal,
        Express,
    }

    public sealed record Line(string Article, int Count);

    public sealed record Order(
        string Id, List<Line> Lines, Dictionary<string, Guid> Notes, DateTimeOffset At, int? Priority, decimal Price, Kind Kind);

    private sealed record Stranger(string Name);
}
