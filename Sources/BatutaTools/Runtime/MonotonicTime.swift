import Synchronization

/// Time that only goes forward, for time-outs, pauses and durations; the project clock may be moved by people, this one may not.
public protocol MonotonicTime: Sendable {
    /// Since some fixed moment.
    func elapsed() -> Duration
    /// Throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
    /// Calls `ring` once when so much time has passed, from any thread, unless the alarm is cancelled before.
    func alarm(after duration: Duration, _ ring: @escaping @Sendable () -> Void) -> Alarm
    /// Where tasks that these alarms end should run; nil is the default pool.
    var executor: (any TaskExecutor)? { get }
}

/// A call that is to come, or not.
public struct Alarm: Sendable {
    private let switchOff: @Sendable () -> Void

    public init(switchOff: @escaping @Sendable () -> Void) { self.switchOff = switchOff }

    /// It rings no more, unless it is ringing right now.
    public func cancel() { switchOff() }
}

extension MonotonicTime {
    public func alarm(after duration: Duration, _ ring: @escaping @Sendable () -> Void) -> Alarm {
        // Nobody waits for it: it ends by ringing or by being cancelled.
        let waiting = Task {
            do { try await sleep(for: duration) } catch { return }
            ring()
        }
        return Alarm { waiting.cancel() }
    }

    public var executor: (any TaskExecutor)? { nil }

    /// Performs work, and cancels it when the time is up. Returns when the work has ended.
    public func limited<Value: Sendable>(
        to limit: Duration,
        _ work: @escaping @Sendable () async -> Value
    ) async -> (value: Value, isLate: Bool) {
        // Unstructured, so that the alarm cancels nothing else; awaited right here.
        let task = Task(executorPreference: executor) { await work() }
        let isLate = Late()
        let alarm = alarm(after: limit) {
            isLate.set()
            task.cancel()
        }
        let value = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        alarm.cancel()
        return (value, isLate.isSet)
    }
}

private final class Late: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}

/// The machine's own.
public struct SystemMonotonicTime: MonotonicTime {
    private static let start = ContinuousClock.now

    public init() {}

    public func elapsed() -> Duration { Self.start.duration(to: .now) }

    public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration, clock: .continuous) }
}
