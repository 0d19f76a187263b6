public import BatutaHTTP
public import BatutaTelemetry
import Synchronization

extension BreakerBoard<Origin> {
    /// Registers `batuta_breaker_state`: what a service that tools talk to is taken for.
    public func measure(in registry: MetricsRegistry) {
        let gauge = registry.gauge(
            "batuta_breaker_state",
            "Circuit breakers of services that tools talk to: 0 closed, 1 half open, 2 open.",
            labels: ["service"]
        )
        // A service that works again has no breaker any more, but its series stays.
        let shown = Mutex<Set<Origin>>([])
        registry.beforeReading { [weak self] in
            guard let states = self?.states else { return }
            let known = shown.withLock { shown in
                shown.formUnion(states.keys)
                return shown
            }
            for origin in known { gauge.set(states[origin].map(Self.level) ?? 0, origin.description) }
        }
    }

    private static func level(_ state: BreakerStateMachine.State) -> Double {
        switch state {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
