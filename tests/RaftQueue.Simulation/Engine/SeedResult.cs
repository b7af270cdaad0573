using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Faults;

namespace RaftQueue.Simulation.Engine;

/// <summary>How one schedule went.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Events">How many events happened.</param>
/// <param name="Faults">The faults among them.</param>
/// <param name="Confirmed">How many sends were confirmed.</param>
/// <param name="TraceHash">A fingerprint of everything that happened.</param>
/// <param name="Violation">The promise that was broken; null where all were kept.</param>
public sealed record SeedResult(ulong Seed, long Events, FaultCounts Faults, long Confirmed, ulong TraceHash, Violation? Violation);
