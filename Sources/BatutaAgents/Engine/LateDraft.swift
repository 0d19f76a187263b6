import BatutaRuns
import Synchronization

/// Events that go to the log while their calls are under way, unless all of those answer at once: then they wait for the results.
final class LateDraft: Sendable {
    /// How long a call may take before it counts as waiting for something outside.
    static let patience = Duration.milliseconds(1)

    private enum State { case open(Draft), posted, closed }

    private let writer: LogWriter
    private let state: Mutex<State>

    init(_ draft: Draft, _ writer: LogWriter) {
        self.writer = writer
        state = Mutex(draft.events.isEmpty ? .closed : .open(draft))
    }

    var isOpen: Bool {
        state.withLock { if case .open = $0 { true } else { false } }
    }

    var isPosted: Bool {
        state.withLock { if case .posted = $0 { true } else { false } }
    }

    /// Hands the events to the log, once. Whoever finds them posted comes after them in the log.
    func post() {
        state.withLock { state in
            guard case .open(let draft) = state else { return }
            state = .posted
            writer.post(draft)
        }
    }

    /// The calls have ended; what was not posted stays with the driver.
    func close() {
        state.withLock { state in
            if case .open = state { state = .closed }
        }
    }
}
