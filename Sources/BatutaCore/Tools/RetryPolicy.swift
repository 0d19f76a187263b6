/// How often and how patiently something is tried. `attempts` counts all tries: 3 means at most two retries (API §5).
public struct RetryPolicy: Sendable, Hashable {
    public var attempts: Int
    /// Time for one attempt; nil leaves the caller's default.
    public var timeout: Duration?
    public var backoff: Backoff

    public struct Backoff: Sendable, Hashable {
        public var first: Duration
        public var factor: Double
        public var max: Duration
        public var jitter: Bool

        public init(first: Duration = .seconds(2), factor: Double = 2, max: Duration = .seconds(10), jitter: Bool = true) {
            self.first = first
            self.factor = factor
            self.max = max
            self.jitter = jitter
        }
    }

    public init(attempts: Int = 3, timeout: Duration? = nil, backoff: Backoff = Backoff()) {
        self.attempts = attempts
        self.timeout = timeout
        self.backoff = backoff
    }

    /// DESIGN §7: 3 attempts, 2–10 s, ×2, with jitter.
    public static let `default` = RetryPolicy(timeout: .seconds(30))
    /// The profiles that PROJECT.md names.
    public static let profiles: [String: RetryPolicy] = [
        "meta": RetryPolicy(attempts: 3, timeout: .seconds(30)),
        "whatsapp": RetryPolicy(attempts: 2, timeout: .seconds(10)),
        "database": RetryPolicy(attempts: 1, timeout: .seconds(5)),
    ]

    /// The pause before attempt `attempt` (2 or more). With jitter: between half of the step and all of it.
    public func delay(beforeAttempt attempt: Int, random: UInt64) -> Duration {
        var step = Double(backoff.first.inMilliseconds)
        for _ in 2..<max(attempt, 2) { step = min(step * backoff.factor, Double(backoff.max.inMilliseconds)) }
        step = min(step, Double(backoff.max.inMilliseconds))
        guard backoff.jitter else { return .milliseconds(Int64(step)) }
        return .milliseconds(Int64(step / 2 + step / 2 * Double(random >> 11) / 9_007_199_254_740_992))
    }
}
