public import BatutaTelemetry
public import BatutaHTTP
import Synchronization

extension BreakerBoard where Service == ModelPlace {
    /// Shows which models are not asked just now: `batuta_model_circuit_open{provider,model}` is 1 for them, and 0 once they answered again.
    public func measure(in registry: MetricsRegistry) {
        let gauge = registry.gauge(
            "batuta_model_circuit_open",
            "1 while a model is not asked because it failed too often.",
            labels: ["provider", "model"]
        )
        let shown = Mutex<Set<ModelPlace>>([])
        registry.beforeReading { [self] in
            let open = Set(refusing)
            let closed = shown.withLock { shown in
                defer { shown.formUnion(open) }
                return shown.subtracting(open)
            }
            for place in closed { gauge.set(0, place.provider, place.model) }
            for place in open { gauge.set(1, place.provider, place.model) }
        }
    }
}

extension BreakerBoard {
    /// Services that are not asked right now; one whose time is over is asked by whoever comes next.
    fileprivate var refusing: [Service] {
        let now = elapsed
        return states.compactMap { service, state in
            switch state {
            case .closed: nil
            case .open(let until): now < until ? service : nil
            case .halfOpen: service
            }
        }
    }
}
