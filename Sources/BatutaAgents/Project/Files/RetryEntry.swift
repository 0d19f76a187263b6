import BatutaCore

/// A retry profile, or what a tool writes out instead.
struct RetryEntry: Sendable {
    var attempts: Int?
    var timeout: Duration?
    var backoff: RetryPolicy.Backoff?
    var breaker: BreakerEntry?

    /// What is not written keeps its value in `base`.
    func policy(over base: RetryPolicy) -> RetryPolicy {
        RetryPolicy(attempts: attempts ?? base.attempts, timeout: timeout ?? base.timeout, backoff: backoff ?? base.backoff)
    }

    static let shape = Shape.record(
        RetryEntry(),
        "a retry profile",
        [
            Field("attempts", \.attempts, .whole(1...20), "How often it is tried in all; 3 unless given."),
            Field("timeout", \.timeout, timeout, "Time for one attempt; 30s unless given."),
            Field("backoff", \.backoff, backoff, "The pauses between attempts."),
            Field("breaker", \.breaker, BreakerEntry.shape, "When calls to a failing service fail at once, or `off`."),
        ]
    )

    static let timeout = Shape<Duration>.duration(.milliseconds(1)...(.seconds(3_600)))

    private static let backoff = Shape.record(
        RetryPolicy.Backoff(),
        "a backoff",
        [
            Field("first", \.first, .duration(.zero...(.seconds(3_600))), "The first pause; 2s unless given."),
            Field("factor", \.factor, .number(1...10), "By how much each pause is longer than the last; 2 unless given."),
            Field("max", \.max, .duration(.zero...(.seconds(3_600))), "The longest pause; 10s unless given."),
            Field("jitter", \.jitter, .flag, "Whether pauses vary by chance, so that callers do not come in step."),
        ]
    )
}

/// `retry: meta`, or written out.
enum RetryReference: Sendable {
    case profile(Located<String>)
    case written(RetryEntry)

    static let shape = RetryEntry.shape.map(RetryReference.written).orPlain(Shape<Located<String>>.at(.text).map(RetryReference.profile))
}

/// `breaker: { failures: 5, open_for: 30s }` or `off`.
enum BreakerEntry: Sendable {
    case off
    case on(HTTPToolDefinition.Breaker)

    var breaker: HTTPToolDefinition.Breaker? {
        switch self {
        case .off: nil
        case .on(let breaker): breaker
        }
    }

    static let shape = Shape.record(
        HTTPToolDefinition.Breaker(),
        "a breaker",
        [
            Field("failures", \.failures, .whole(1...1_000), "Failures in a row that open it; 5 unless given."),
            Field("open_for", \.openFor, .duration(.milliseconds(1)...(.seconds(86_400))), "How long it stays open; 30s unless given."),
        ]
    ).map(BreakerEntry.on).orPlain(Shape<String>.word(["off"]).map { _ in BreakerEntry.off })
}
