import BatutaRuns
import Synchronization

/// Says in the log that a run is paused while calls that began are let finish, and then lets the session's next run begin (API §5, Pause).
/// At most once, and not when the calls have ended: then the driver says it itself.
final class EarlyPause: Sendable {
    private enum State { case open, posted, closed }

    private let draft: Draft
    private let writer: LogWriter
    /// What must be in the log before it.
    private let late: LateDraft
    private let yieldTurn: @Sendable () -> Void
    private let state = Mutex(State.open)
    private let isDurable = Signal()

    init(_ draft: Draft, after late: LateDraft, _ writer: LogWriter, yieldTurn: @escaping @Sendable () -> Void) {
        self.draft = draft
        self.late = late
        self.writer = writer
        self.yieldTurn = yieldTurn
    }

    func post() {
        state.withLock { state in
            guard case .open = state else { return }
            state = .posted
            late.post()
            writer.post(draft) { [isDurable, yieldTurn] result in
                if case .success = result {
                    yieldTurn()
                    isDurable.set(true)
                } else {
                    isDurable.set(false)
                }
            }
        }
    }

    /// The calls have ended.
    func close() {
        state.withLock { state in
            if case .open = state { state = .closed }
        }
    }

    /// Whether the log says that the run is paused; asked once, after the calls.
    var isInLog: Bool {
        get async {
            guard state.withLock({ if case .posted = $0 { true } else { false } }) else { return false }
            return await isDurable.value
        }
    }
}
