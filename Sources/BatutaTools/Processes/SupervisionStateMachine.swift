/// Whether a server of tools is up, and what follows when somebody wants it or it fails.
///
/// Pure: it knows neither clock nor process. A server that keeps failing is started again after pauses that double, up to a minute; one that
/// had lived for a while is started again at once.
struct SupervisionStateMachine: Sendable {
    enum State: Sendable, Hashable {
        /// Nobody has wanted it yet, or it rests.
        case idle
        case starting
        case up(since: Duration)
        /// It failed, and is not started before that moment.
        case pausing(until: Duration)
        case closed
    }

    /// What somebody who wants the server does.
    enum Answer: Sendable, Hashable {
        case go
        /// Start it; tell by `started` or `failed`.
        case start
        /// Somebody else is starting it.
        case wait
        /// It failed just now: not before so much time has passed.
        case refuse(for: Duration)
        case closed
    }

    /// A server that lived so long is not one that fails at once.
    static let steady: Duration = .seconds(30)
    static let longestPause: Duration = .seconds(60)

    private(set) var state = State.idle
    /// In a row.
    private(set) var failures = 0

    mutating func wanted(at now: Duration) -> Answer {
        switch state {
        case .up: return .go
        case .starting: return .wait
        case .closed: return .closed
        case .pausing(let until) where now < until: return .refuse(for: until - now)
        case .idle, .pausing:
            state = .starting
            return .start
        }
    }

    mutating func started(at now: Duration) {
        if state == .starting { state = .up(since: now) }
    }

    /// It could not be started, or it ended without being asked.
    mutating func failed(at now: Duration) {
        guard state != .closed else { return }
        if case .up(let since) = state, now - since >= Self.steady { failures = 0 }
        failures += 1
        state = .pausing(until: now + Self.pause(after: failures))
    }

    /// It was ended because nobody used it.
    mutating func rested() {
        if case .up = state { state = .idle }
        failures = 0
    }

    mutating func close() { state = .closed }

    /// None after the first failure, then half a second, doubling.
    static func pause(after failures: Int) -> Duration {
        guard failures > 1 else { return .zero }
        return min(.milliseconds(250) * (1 << min(failures - 1, 10)), longestPause)
    }
}
