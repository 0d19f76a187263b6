import Synchronization

/// A service as breakers and egress rules see it.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    public var scheme: String
    public var host: String
    public var port: Int

    public init(scheme: String, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    public var description: String { "\(scheme)://\(host):\(port)" }
}

/// The breakers of all services that tools talk to, one per scheme, host and port. Only services with recent failures take memory.
public final class BreakerBoard: Sendable {
    private let breakers = Mutex<[Origin: BreakerStateMachine]>([:])
    private let time: any MonotonicTime

    public init(time: any MonotonicTime = SystemMonotonicTime()) { self.time = time }

    public func admit(_ origin: Origin, policy: BreakerPolicy) -> BreakerStateMachine.Admission {
        let now = time.elapsed()
        return breakers.withLock { $0[origin]?.admit(policy: policy, now: now) ?? .pass }
    }

    public func succeeded(_ origin: Origin) { breakers.withLock { $0[origin] = nil } }

    public func failed(_ origin: Origin, policy: BreakerPolicy) {
        let now = time.elapsed()
        breakers.withLock { $0[origin, default: BreakerStateMachine()].failed(policy: policy, now: now) }
    }

    public func abandoned(_ origin: Origin) {
        let now = time.elapsed()
        breakers.withLock { $0[origin]?.abandoned(now: now) }
    }

    /// Services that have failed lately, for metrics and administration.
    public var states: [Origin: BreakerStateMachine.State] { breakers.withLock { $0.mapValues(\.state) } }

    /// Closes a circuit by hand (S0.15).
    public func reset(_ origin: Origin) { succeeded(origin) }
}
