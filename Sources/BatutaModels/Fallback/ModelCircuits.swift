public import BatutaHTTP
public import BatutaTelemetry
import Synchronization

/// The circuits of the models that the project in force names. What it names no longer is forgotten as soon as anybody looks.
public struct ModelCircuits: Sendable {
    private let breakers: ModelBreakers
    private let named: @Sendable () -> Set<ModelPlace>

    /// - Parameter named: The models of the project in force.
    public init(_ breakers: ModelBreakers = ModelBreakers(), named: @escaping @Sendable () -> Set<ModelPlace> = { [] }) {
        self.breakers = breakers
        self.named = named
    }

    /// Models that failed lately, by name.
    public var reports: [BreakerReport<ModelPlace>] {
        forget(others: named())
        return breakers.reports
    }

    /// Closes a circuit by hand. False when the model has not failed lately.
    public func reset(_ place: ModelPlace) -> Bool { breakers.reset(place) }

    private func forget(others places: Set<ModelPlace>) { breakers.keep(places.contains) }

    /// Shows which models are not asked just now: `batuta_model_circuit_open{provider,model}` is 1 for them, 0 once they answered again, and gone with
    /// the project that named them.
    public func measure(in registry: MetricsRegistry) {
        let gauge = registry.gauge(
            "batuta_model_circuit_open",
            "1 while a model is not asked because it failed too often.",
            labels: ["provider", "model"]
        )
        let shown = Mutex<Set<Labels>>([])
        registry.beforeReading { [self] in
            let places = named()
            forget(others: places)
            let open = Set(breakers.refusing.map(Labels.init)), known = Set(places.map(Labels.init))
            let before = shown.withLock { shown in
                defer { shown = shown.union(open).intersection(known) }
                return shown
            }
            for gone in before.subtracting(known) { gauge.remove(gone.provider, gone.model) }
            for closed in before.intersection(known).subtracting(open) { gauge.set(0, closed.provider, closed.model) }
            for place in open { gauge.set(1, place.provider, place.model) }
        }
    }

    /// A model as the metric names it, wherever its provider is reached.
    private struct Labels: Hashable {
        var provider: String
        var model: String

        init(_ place: ModelPlace) { (provider, model) = (place.provider, place.model) }
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
