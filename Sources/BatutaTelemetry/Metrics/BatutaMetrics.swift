/// The metrics whose names and labels are API (API §5, Metrics).
public struct BatutaMetrics: Sendable {
    /// Labels `status`, `target`.
    public let runs: Counter
    /// Labels `direction` (`input`, `output`), `model`.
    public let modelTokens: Counter
    /// Labels `model`, `code`: calls that gave no answer.
    public let modelFailures: Counter
    /// Labels `model`, `instead`.
    public let modelFallbacks: Counter
    public let cost: Counter
    /// Labels `tool`, `success` (`true`, `false`).
    public let toolCalls: Counter
    /// Labels `cache` (`tool`, `response`), `result` (`hit`, `miss`).
    public let cacheRequests: Counter
    /// What answers from the response cache would have cost, in US dollars.
    public let cacheSaved: Counter
    /// Label `state`.
    public let approvals: Counter
    /// Labels `loop`, `quantile` (`0.5`, `0.99`, `1`): how long an event had to wait, since the last reading.
    public let eventLoopLag: Gauge

    public init(in registry: MetricsRegistry) {
        runs = registry.counter("batuta_runs_total", "Runs that ended, by status.", labels: ["status", "target"])
        modelTokens = registry.counter("batuta_model_tokens_total", "Tokens of model calls.", labels: ["direction", "model"])
        modelFailures = registry.counter(
            "batuta_model_failures_total",
            "Model calls that gave no answer, by why.",
            labels: ["model", "code"]
        )
        modelFallbacks = registry.counter(
            "batuta_model_fallbacks_total",
            "Times that another model was asked instead of one that failed for good.",
            labels: ["model", "instead"]
        )
        cost = registry.counter("batuta_cost_usd_total", "Cost of model and tool calls in US dollars.")
        toolCalls = registry.counter("batuta_tool_calls_total", "Tool calls that ended.", labels: ["tool", "success"])
        cacheRequests = registry.counter("batuta_cache_requests_total", "Look-ups in caches.", labels: ["cache", "result"])
        cacheSaved = registry.counter(
            "batuta_cache_saved_usd_total",
            "What answers from the response cache would have cost in US dollars."
        )
        approvals = registry.counter("batuta_approvals_total", "Approvals by the state they reached.", labels: ["state"])
        eventLoopLag = registry.gauge(
            "batuta_event_loop_lag_seconds",
            "How long an event waited for its loop since the last reading.",
            labels: ["loop", "quantile"]
        )
    }
}
