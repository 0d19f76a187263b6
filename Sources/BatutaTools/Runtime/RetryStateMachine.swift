public import BatutaCore

/// Decides what follows an attempt of a tool call: try again, find out what happened, or stop (API §5, Effects; DESIGN §9.4).
///
/// Pure: it knows neither clock nor randomness; the random bits for jitter come in with the event.
public struct RetryStateMachine: Sendable {
    /// What the driver does next.
    public enum Action: Sendable, Hashable {
        /// The result of the last attempt stands.
        case finish
        /// Make another attempt after this pause.
        case retry(after: Duration)
        /// Find out with the settling tool whether the effect happened, then report by `settled`.
        case settle
        /// It was found out that the effect happened.
        case finishSettled
        /// Nobody knows whether the effect happened, and repeating is not safe.
        case uncertain
    }

    /// What the settling tool found.
    public enum Settled: Sendable, Hashable {
        case done, notDone, unknown
    }

    /// A service that asks for a longer pause is not waited for: the model is told instead.
    public static let longestPause: Duration = .seconds(120)

    /// Attempts that ended, whatever came of them.
    public private(set) var attempts: Int
    private let policy: RetryPolicy
    private let repeatable: Bool
    private let settles: Bool

    /// `repeatable`: calling twice with one key is the same as calling once (reads, and what the service promises to be idempotent).
    public init(policy: RetryPolicy, repeatable: Bool, settles: Bool, attempts: Int = 0) {
        self.policy = policy
        self.repeatable = repeatable
        self.settles = settles
        self.attempts = attempts
    }

    public init(_ definition: ToolDefinition) {
        self.init(policy: definition.retry, repeatable: definition.isRepeatable, settles: definition.settles)
    }

    /// An attempt ended; `failure` is nil when the tool has an answer.
    public mutating func attemptEnded(_ failure: ToolAttempt.Failure?, retryAfter: Duration? = nil, random: UInt64 = 0) -> Action {
        attempts += 1
        switch failure {
        case nil, .rejected: return .finish
        case .notSent, .rateLimited: return again(retryAfter: retryAfter, random: random)
        case .cancelled: return repeatable ? .finish : .uncertain
        case .timeout, .serverError:
            if repeatable { return again(retryAfter: retryAfter, random: random) }
            return settles ? .settle : .uncertain
        }
    }

    /// The process ended between an attempt's start and its result: nobody heard what came of it.
    public mutating func crashed() -> Action {
        if repeatable { return .retry(after: .zero) }
        return settles ? .settle : .uncertain
    }

    /// The settling tool has an answer.
    public mutating func settled(_ found: Settled, random: UInt64 = 0) -> Action {
        switch found {
        case .done: .finishSettled
        case .notDone: again(retryAfter: .zero, random: random)
        case .unknown: .uncertain
        }
    }

    private func again(retryAfter: Duration?, random: UInt64) -> Action {
        guard attempts < policy.attempts else { return .finish }
        let pause = retryAfter ?? policy.delay(beforeAttempt: attempts + 1, random: random)
        return pause > Self.longestPause ? .finish : .retry(after: max(pause, .zero))
    }
}

extension ToolDefinition {
    /// Whether the same call may leave twice without a second effect.
    public var isRepeatable: Bool { effect == .read || idempotent }
}
