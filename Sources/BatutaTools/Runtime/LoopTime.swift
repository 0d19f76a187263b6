public import BatutaHTTP

/// Time by the network's loop: a pause is one of its timers, so that no other thread is woken by the thousands of limits that never come.
public struct LoopTime: MonotonicTime {
    private let loop: NetworkLoop

    public init(_ loop: NetworkLoop) { self.loop = loop }

    public func elapsed() -> Duration { SystemMonotonicTime().elapsed() }

    public func sleep(for duration: Duration) async throws { try await loop.sleep(for: duration) }

    public func alarm(after duration: Duration, _ ring: @escaping @Sendable () -> Void) -> Alarm {
        let alarm = loop.alarm(after: duration, ring)
        return Alarm { alarm.cancel() }
    }

    public var executor: (any TaskExecutor)? { loop }
}
