import BatutaCore

/// Whose turn it is in each session: runs take turns in the order in which they were accepted, and hold the turn only while they run
/// (API §5, Turns). Pure.
struct TurnQueue {
    struct Entry: Equatable {
        var run: RunID
        /// The number of the run's first event: the order of acceptance.
        var order: Int64
    }

    private struct Session {
        var holder: RunID?
        var waiting: [Entry] = []
    }

    private var sessions: [SessionID: Session] = [:]

    /// Runs that hold a turn or wait for one.
    private(set) var count = 0

    /// Queues a run; true when it may start at once.
    mutating func enqueue(_ entry: Entry, in session: SessionID) -> Bool {
        var turns = sessions[session] ?? Session()
        count += 1
        defer { sessions[session] = turns }
        guard turns.holder != nil || !turns.waiting.isEmpty else {
            turns.holder = entry.run
            return true
        }
        let index = turns.waiting.firstIndex { $0.order > entry.order } ?? turns.waiting.endIndex
        turns.waiting.insert(entry, at: index)
        return false
    }

    /// The run gave its turn up, or left the queue; gives the run whose turn it is now, when that changed.
    mutating func release(_ run: RunID, in session: SessionID) -> RunID? {
        guard var turns = sessions[session] else { return nil }
        if turns.holder != run {
            let before = turns.waiting.count
            turns.waiting.removeAll { $0.run == run }
            count -= before - turns.waiting.count
            sessions[session] = turns
            return nil
        }
        count -= 1
        guard !turns.waiting.isEmpty else {
            sessions[session] = nil
            return nil
        }
        let next = turns.waiting.removeFirst().run
        turns.holder = next
        sessions[session] = turns
        return next
    }

    func isWaiting(_ run: RunID, in session: SessionID) -> Bool {
        sessions[session]?.waiting.contains { $0.run == run } ?? false
    }
}
