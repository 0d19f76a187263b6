import Synchronization

/// One query on its way: waits, runs on a thread, and is answered once. Whoever asked may stop it at any moment.
final class QueryTicket: Sendable {
    typealias Answer = Result<QueryAnswer, QueryFailure>

    private enum State {
        case new
        case waiting(CheckedContinuation<Answer, Never>)
        /// `stop` makes the thread that runs it come back soon.
        case running(CheckedContinuation<Answer, Never>, stop: @Sendable () -> Void)
        case over
    }

    let query: Query
    let deadline: ContinuousClock.Instant
    private let state = Mutex((current: State.new, isStopped: false))

    init(_ query: Query) {
        self.query = query
        deadline = .now + query.timeout
    }

    var isStopped: Bool { state.withLock(\.isStopped) }

    /// What is left of the query's time; zero when it is over.
    var timeLeft: Duration { max(deadline - .now, .zero) }

    /// False when it was stopped before.
    func wait(_ continuation: CheckedContinuation<Answer, Never>) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.current = .waiting(continuation)
            return true
        }
    }

    /// A connection takes it, perhaps after another that was dead. False when it was stopped.
    func begin(_ stop: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            switch state.current {
            case .waiting(let continuation): state.current = .running(continuation, stop: stop)
            case .running(let continuation, _) where !state.isStopped: state.current = .running(continuation, stop: stop)
            case .new, .running, .over: return false
            }
            return true
        }
    }

    /// The caller stops it: what waits is answered at once, what runs is told to come back.
    func stop() {
        let waiter: CheckedContinuation<Answer, Never>? = state.withLock { state in
            state.isStopped = true
            switch state.current {
            case .waiting(let continuation):
                state.current = .over
                return continuation
            case .running(_, let stop):
                // Under the lock, so that the connection is still this query's.
                stop()
                return nil
            case .new, .over: return nil
            }
        }
        waiter?.resume(returning: .failure(QueryFailure(.cancelled, "stopped before it began")))
    }

    /// After this nobody calls `stop` any more.
    func answer(_ answer: Answer) {
        let waiter: CheckedContinuation<Answer, Never>? = state.withLock { state in
            defer { state.current = .over }
            switch state.current {
            case .waiting(let continuation), .running(let continuation, _): return continuation
            case .new, .over: return nil
            }
        }
        waiter?.resume(returning: answer)
    }
}
