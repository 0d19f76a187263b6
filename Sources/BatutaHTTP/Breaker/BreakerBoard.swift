public import BatutaCore
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

/// The breakers of all services of a kind: of those that tools talk to, one per scheme, host and port; of models, one each. Only services
/// with recent failures take memory.
public final class BreakerBoard<Service: Hashable & Sendable>: Sendable {
    private let breakers = Mutex<[Service: BreakerStateMachine]>([:])
    let now: @Sendable () -> Duration

    /// The time that its circuits go by.
    public var elapsed: Duration { now() }

    /// - Parameter now: Monotonic time since some fixed moment.
    public init(now: @escaping @Sendable () -> Duration = Uptime.elapsed) { self.now = now }

    public func admit(_ service: Service, policy: BreakerPolicy) -> BreakerStateMachine.Admission {
        breakers.withLock { breakers in
            // Nearly always: nothing failed lately.
            guard breakers[service] != nil else { return .pass }
            return breakers[service]?.admit(policy: policy, now: now()) ?? .pass
        }
    }

    public func succeeded(_ service: Service) {
        breakers.withLock { breakers in
            if !breakers.isEmpty { breakers[service] = nil }
        }
    }

    public func failed(_ service: Service, policy: BreakerPolicy) {
        let now = now()
        breakers.withLock { $0[service, default: BreakerStateMachine()].failed(policy: policy, now: now) }
    }

    public func abandoned(_ service: Service) {
        let now = now()
        breakers.withLock { $0[service]?.abandoned(now: now) }
    }

    /// Services that have failed lately, for metrics and administration.
    public var states: [Service: BreakerStateMachine.State] { breakers.withLock { $0.mapValues(\.state) } }

    /// Forgets services that nobody names any more.
    public func keep(_ isNamed: (Service) -> Bool) { breakers.withLock { $0 = $0.filter { isNamed($0.key) } } }

    /// Closes a circuit by hand (S0.15). False when the service has not failed lately.
    @discardableResult
    public func reset(_ service: Service) -> Bool { breakers.withLock { $0.removeValue(forKey: service) != nil } }
}

/// The machine's monotonic time.
public enum Uptime {
    private static let start = ContinuousClock.now

    public static func elapsed() -> Duration { start.duration(to: .now) }
}
