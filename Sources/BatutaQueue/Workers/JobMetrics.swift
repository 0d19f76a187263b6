public import BatutaTelemetry

/// What a node counts of its jobs.
public struct JobMetrics: Sendable {
    /// Labels `queue`, `kind`, `result` (`succeeded`, `retried`, `again`, `dead`, `cancelled`, `given_back`, `lost`).
    public let attempts: Counter
    /// Labels `queue`, `kind`.
    public let seconds: Histogram
    /// Label `queue`: jobs that this node works on.
    public let running: Gauge

    public init(in registry: MetricsRegistry) {
        attempts = registry.counter(
            "batuta_job_attempts_total",
            "Attempts of jobs that ended, by what came of them.",
            labels: ["queue", "kind", "result"]
        )
        seconds = registry.histogram("batuta_job_seconds", "How long attempts of jobs took.", labels: ["queue", "kind"])
        running = registry.gauge("batuta_jobs_running", "Jobs that this node works on.", labels: ["queue"])
    }
}
