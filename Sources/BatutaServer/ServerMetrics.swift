import BatutaAgents
import BatutaHTTP
import BatutaTelemetry

/// The metrics of a node, read when somebody asks.
struct ServerMetrics: Sendable {
    private let registry: MetricsRegistry

    init(registry: MetricsRegistry, lag: Gauge, engine: Engine, loop: NetworkLoop, streams: OpenStreams) {
        self.registry = registry
        ProcessMetrics.register(in: registry)
        let active = registry.gauge("batuta_runs_active", "Runs that are queued or running.")
        let open = registry.gauge("batuta_event_streams", "Open event streams.")
        registry.beforeReading {
            active.set(Double(engine.activeRuns))
            open.set(Double(streams.count))
            let taken = loop.takeLag()
            lag.set(taken.p50.inSeconds, "network", "0.5")
            lag.set(taken.p99.inSeconds, "network", "0.99")
            lag.set(taken.maximum.inSeconds, "network", "1")
        }
    }

    func text() -> String { registry.prometheusText() }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
