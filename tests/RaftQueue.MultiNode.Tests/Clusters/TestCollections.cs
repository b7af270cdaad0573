// A cluster under test wants the machine for itself: its elections go by the clock.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
