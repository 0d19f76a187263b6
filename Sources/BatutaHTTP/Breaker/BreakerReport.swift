/// How the breaker of a service that failed lately stands.
public struct BreakerReport<Service: Hashable & Sendable>: Sendable, Hashable {
    public var service: Service
    public var state: BreakerStateMachine.State
    /// How long at least nothing leaves; nil while calls pass.
    public var retryAfter: Duration?
}

extension BreakerBoard where Service: CustomStringConvertible {
    /// Services that have failed lately, by name.
    public var reports: [BreakerReport<Service>] {
        let now = now()
        return states.sorted { $0.key.description < $1.key.description }.map { service, state in
            guard case .open(let until) = state else { return BreakerReport(service: service, state: state) }
            return BreakerReport(service: service, state: state, retryAfter: max(until - now, .zero))
        }
    }
}
