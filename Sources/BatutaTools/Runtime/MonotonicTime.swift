/// Time that only goes forward, for time-outs, pauses and durations; the project clock may be moved by people, this one may not.
public protocol MonotonicTime: Sendable {
    /// Since some fixed moment.
    func elapsed() -> Duration
    /// Throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own.
public struct SystemMonotonicTime: MonotonicTime {
    private static let start = ContinuousClock.now

    public init() {}

    public func elapsed() -> Duration { Self.start.duration(to: .now) }

    public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration, clock: .continuous) }
}
