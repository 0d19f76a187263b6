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
            let open = Set(states.filter { $0.value.refuses }.keys)
            let closed = shown.withLock { shown in
                defer { shown.formUnion(open) }
                return shown.subtracting(open)
            }
            for place in closed { gauge.set(0, place.provider, place.model) }
            for place in open { gauge.set(1, place.provider, place.model) }
        }
    }
}

extension BreakerStateMachine.State {
    fileprivate var refuses: Bool {
        if case .closed = self { return false }
        return true
    }
}
