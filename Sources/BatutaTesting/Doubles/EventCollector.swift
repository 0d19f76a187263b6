public import BatutaCore
public import BatutaRuns
import Synchronization

/// A subscriber that keeps what it gets and lets a test wait for it.
public final class EventCollector: EventSink {
    private struct State {
        var events: [LoggedEvent] = []
        var arrivals: [Int64: ContinuousClock.Instant] = [:]
        var isIdle = false
        var waiters: [(condition: @Sendable ([LoggedEvent], Bool) -> Bool, waiter: Waiter)] = []
    }

    private let state = Mutex(State())

    public init() {}

    public var events: [LoggedEvent] { state.withLock { $0.events } }
    public var types: [String] { events.map(\.type) }
    /// When each number came.
    public var arrivals: [Int64: ContinuousClock.Instant] { state.withLock { $0.arrivals } }
    public var numbers: [Int64] { events.map(\.number) }

    public func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        let ready = state.withLock { state in
            state.events += events
            for event in events { state.arrivals[event.number] = .now }
            state.isIdle = isIdle
            let ready = state.waiters.filter { $0.condition(state.events, isIdle) }
            state.waiters.removeAll { $0.condition(state.events, isIdle) }
            return ready
        }
        ready.forEach { $0.waiter.resume() }
        return true
    }

    public func room() async throws {}

    /// Returns as soon as the events so far fulfil the condition.
    public func wait(until condition: @escaping @Sendable ([LoggedEvent], Bool) -> Bool) async {
        await Waiter.wait { waiter in
            let isThere = state.withLock { state in
                if condition(state.events, state.isIdle) { return true }
                state.waiters.append((condition, waiter))
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    /// Returns when an event of this type is there.
    public func wait(for type: EventType, count: Int = 1) async {
        await wait { events, _ in events.count { $0.type == type.rawValue } >= count }
    }

    /// Returns when a run has come to its end.
    public func waitForEnd(of run: RunID) async { await wait { events, _ in Self.hasEnd(events, run) } }

    public func hasEnd(of run: RunID) -> Bool { Self.hasEnd(events, run) }

    /// Whether the run ended with an error; one that somebody stopped did not.
    public func hasFailed(_ run: RunID) -> Bool {
        events.contains { event in
            guard event.runID == run, case .error(let error)? = try? event.data() else { return false }
            return !error.recoverable
        }
    }

    private static func hasEnd(_ events: [LoggedEvent], _ run: RunID) -> Bool {
        events.contains { event in
            guard event.runID == run, let data = try? event.data() else { return false }
            if case .complete = data { return true }
            if case .error(let error) = data { return !error.recoverable }
            return false
        }
    }
}
