using System.Reflection;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using RaftQueue.Client;
using RaftQueue.Client.Admin;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts.Queue;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>
/// Every parameter of the public API that must not be null, found by reflection: without it a call fails by an argument error that names
/// the
/// parameter, and nothing is sent.
/// </summary>
[Trait("Category", "Fault")]
public sealed class MissingArgumentTests
{
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly Lazy<ActorSystem> System = new(() => ActorSystem.Create("unused"));
    private static readonly Config NodeConfig = "raftqueue { node = n1, members = [n1] }";

    private static readonly Type[] Surface =
    [
        typeof(RaftQueueClient), typeof(ClusterAdmin), typeof(Producer<string>), typeof(Consumer<string>), typeof(ReceivedMessage<string>),
        typeof(RaftQueueClientOptions), typeof(PayloadRegistry), typeof(RaftQueueNode), typeof(RaftQueueHosting), typeof(RaftQueueSettings),
    ];

    public static TheoryData<string> Parameters => [.. Required().Select(NameOf)];

    public static TheoryData<string> OptionNames =>
        [.. typeof(RaftQueueClientOptions).GetProperties().Where(property => property.CanWrite && !property.PropertyType.IsValueType).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task F12_A_required_argument_that_is_null_is_named(string name)
    {
        var (method, parameter) = Required().Single(required => NameOf(required) == name);
        await using var node = FakeNode.Leading(Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");
        await using var consumer = client.CreateConsumer<string>("orders");
        var message = (await client.ReceiveAsync<string>("orders").InTime())[0];
        object[] targets = [client, client.Admin, producer, consumer, message, new RaftQueueClientOptions(), new PayloadRegistry()];

        var target = method.IsStatic ? null : targets.Single(candidate => candidate.GetType() == method.DeclaringType);
        var problem = await FailureOf(method, target, parameter);

        Assert.Equal(parameter.Name, Assert.IsType<ArgumentNullException>(problem).ParamName);
    }

    [Theory]
    [MemberData(nameof(OptionNames))]
    public async Task F12_A_required_option_that_is_null_is_named(string name)
    {
        var options = new RaftQueueClientOptions();
        options.Nodes.Add("127.0.0.1:1");

        var problem = await Assert.ThrowsAsync<ArgumentNullException>(async () =>
        {
            typeof(RaftQueueClientOptions).GetProperty(name)!.SetValue(options, null, BindingFlags.DoNotWrapExceptions, null, null, null);
            await RaftQueueClient.ConnectAsync(options).InTime();
        });

        Assert.Equal(name, problem.ParamName);
    }

    [Fact]
    public void F12_The_public_surface_is_found()
    {
        var names = Required().Select(NameOf).ToList();
        Assert.Contains("RaftQueueClient.DeclareQueueAsync(queue)", names);
        Assert.Contains("RaftQueueHosting.WithRaftQueue(config)", names);
        Assert.DoesNotContain("RaftQueueClient.DeclareQueueAsync(options)", names); // null stands for the defaults
    }

    private static IReply? Answer(object request) => request is Contracts.Queue.Receive receive
        ? new Received(receive.Queue, receive.Consumer, DeliveryBlock.Of([FakeQueue.DeliveryOf(1, 5, "a")]))
        : new FakeQueue().Answer(request);

    private static IEnumerable<(MethodInfo Method, ParameterInfo Parameter)> Required() =>
        from type in Surface
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName
        let closed = method.IsGenericMethodDefinition ? method.MakeGenericMethod(typeof(string)) : method
        from parameter in closed.GetParameters()
        where !parameter.ParameterType.IsValueType && IsRequired(method.GetParameters()[parameter.Position])
        select (closed, parameter);

    // What the type argument of a payload is, the context cannot tell; a payload is always required.
    private static bool IsRequired(ParameterInfo parameter) =>
        parameter.Name == "payload" || Nullability.Create(parameter).WriteState == NullabilityState.NotNull;

    private static string NameOf((MethodInfo Method, ParameterInfo Parameter) required)
    {
        var (method, parameter) = required;
        var type = method.DeclaringType!.Name.Split('`')[0];
        var overload = method.DeclaringType.GetMethods().Count(other => other.Name == method.Name) > 1 ? $" of {method.GetParameters().Length}" : "";
        return $"{type}.{method.Name}({parameter.Name}){overload}";
    }

    private static async Task<Exception?> FailureOf(MethodInfo method, object? target, ParameterInfo missing)
    {
        var arguments = method.GetParameters().Select(parameter => parameter == missing ? null : ValueFor(parameter)).ToArray();
        try
        {
            if (method.Invoke(target, arguments) is Task task)
                await task.InTime();
            return null;
        }
        catch (TargetInvocationException failure)
        {
            return failure.InnerException;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private static object? ValueFor(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: true, DefaultValue: { } value } => value,
        { ParameterType.IsValueType: true } => Activator.CreateInstance(parameter.ParameterType),
        _ when parameter.ParameterType == typeof(string) => "a",
        _ when parameter.ParameterType == typeof(Config) => Config.Empty,
        _ when parameter.ParameterType == typeof(RaftQueueClientOptions) => new RaftQueueClientOptions(),
        _ when parameter.ParameterType == typeof(IReadOnlyCollection<string>) => new[] { "a" },
        _ when parameter.ParameterType == typeof(ActorSystem) => System.Value,
        _ when parameter.ParameterType == typeof(RaftQueueSettings) => RaftQueueSettings.Create(NodeConfig),
        _ when parameter.ParameterType == typeof(AkkaConfigurationBuilder) => RuntimeHelpers.GetUninitializedObject(parameter.ParameterType),
        _ when parameter.ParameterType == typeof(NodeStorage) => RuntimeHelpers.GetUninitializedObject(parameter.ParameterType),
        _ => null,
    };
}
