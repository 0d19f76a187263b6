import BatutaCore
import Synchronization

/// A run and the runs below it, as their events tell: the first event of a run names the one above.
final class RunTree: Sendable {
    private let runs: Mutex<Set<RunID>>

    /// - Parameter known: Runs below that have begun before the first event that is looked at.
    init(_ run: RunID, known: [RunID] = []) { runs = Mutex(Set(known + [run])) }

    /// The events of these runs, in order.
    func own(_ events: [LoggedEvent]) -> [LoggedEvent] {
        runs.withLock { runs in
            events.filter { event in
                guard let id = event.runID else { return false }
                if runs.contains(id) { return true }
                guard let parent = event.parentRunID, runs.contains(parent) else { return false }
                runs.insert(id)
                return true
            }
        }
    }
}
