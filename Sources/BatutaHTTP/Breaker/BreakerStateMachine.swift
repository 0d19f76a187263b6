public import BatutaCore

/// When a circuit opens and for how long (PROJECT.md, Breaker).
public typealias BreakerPolicy = HTTPToolDefinition.Breaker

/// A circuit breaker of one service: closed, open for a while, then half open for a single probe.
///
/// Pure; `now` is monotonic time that the driver brings along.
public struct BreakerStateMachine: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: Duration)
        case halfOpen
    }

    public enum Admission: Sendable, Hashable {
        case pass
        /// Nothing may leave; for at least this long unless a probe succeeds before.
        case refuse(retryAfter: Duration)
    }

    public private(set) var state: State = .closed(failures: 0)

    public init() {}

    /// Whether an attempt may leave now; whoever passes reports by `succeeded`, `failed` or `abandoned`.
    public mutating func admit(policy: BreakerPolicy, now: Duration) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until) where now < until: return .refuse(retryAfter: until - now)
        case .open:
            state = .halfOpen
            return .pass
        case .halfOpen: return .refuse(retryAfter: policy.openFor)
        }
    }

    /// The service answered, if only to say no.
    public mutating func succeeded() { state = .closed(failures: 0) }

    /// Time-out, failed connection or 5xx.
    public mutating func failed(policy: BreakerPolicy, now: Duration) {
        switch state {
        case .closed(let failures) where failures + 1 < policy.failures: state = .closed(failures: failures + 1)
        case .closed, .halfOpen: state = .open(until: now + policy.openFor)
        case .open: break
        }
    }

    /// The attempt was stopped by its caller and says nothing about the service; a probe's place is free again.
    public mutating func abandoned(now: Duration) {
        if state == .halfOpen { state = .open(until: now) }
    }
}
