public import BatutaCore

/// When a failed model call is tried again. Text that an attempt had emitted is given up; the next one starts a new message.
public struct ModelRetry: Sendable, Hashable {
    /// Tries in all, the first included.
    public var attempts: Int
    /// Pauses where the provider names none: 0.5 s, 1 s, 2 s … up to 8 s, each shortened at random by up to half. Shorter than those of
    /// tools, because a person is usually reading along.
    public var backoff: RetryPolicy.Backoff
    /// A wish (`Retry-After`) beyond this ends the attempts: better to ask a fallback model than to sit it out.
    public var longestWait: Duration

    public init(
        attempts: Int = 3,
        backoff: RetryPolicy.Backoff = RetryPolicy.Backoff(first: .milliseconds(500), factor: 2, max: .seconds(8)),
        longestWait: Duration = .seconds(300)
    ) {
        self.attempts = attempts
        self.backoff = backoff
        self.longestWait = longestWait
    }

    public static let `default` = ModelRetry()

    /// The pause before the next attempt after `attempt` (1 for the first) failed; nil when there should be none.
    ///
    /// - Parameter random: 64 random bits for the jitter.
    public func delay(after error: ModelError, attempt: Int, random: UInt64) -> Duration? {
        guard error.isRetryable, attempt < attempts else { return nil }
        if let wish = error.retryAfter {
            return wish <= longestWait ? max(wish, .zero) : nil
        }
        let policy = RetryPolicy(attempts: attempts, backoff: backoff)
        return policy.delay(beforeAttempt: max(attempt, 1) + 1, random: random)
    }
}
