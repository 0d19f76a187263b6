import BatutaCore

/// Whose turn it is in each session: runs take turns in the order in which they were accepted, and hold the turn only while they run
/// (API §5, Turns). So many sessions have a turn at once as the node has places; the others are served in the order in which they came. Pure.
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
    /// Runs that hold a turn at once, at most.
    private let places: Int
    private var holders = 0
    /// Sessions whose next run waits for a place; the first comes first.
    private var ready: [SessionID] = []

    init(places: Int = .max) { self.places = places }

    /// Turns that can begin at once.
    var room: Int { ready.isEmpty ? places - holders : 0 }

    /// Runs that hold a turn or wait for one.
    private(set) var count = 0

    /// Queues a run; true when it may start at once.
    mutating func enqueue(_ entry: Entry, in session: SessionID) -> Bool {
        var turns = sessions[session] ?? Session()
        count += 1
        defer { sessions[session] = turns }
        let isAlone = turns.holder == nil && turns.waiting.isEmpty
        if isAlone, room > 0 {
            turns.holder = entry.run
            holders += 1
            return true
        }
        if isAlone { ready.append(session) }
        let index = turns.waiting.firstIndex { $0.order > entry.order } ?? turns.waiting.endIndex
        turns.waiting.insert(entry, at: index)
        return false
    }

    /// The run gave its turn up, or left the queue; gives the run whose turn it is now, when there is one that had none.
    mutating func release(_ run: RunID, in session: SessionID) -> RunID? {
        guard var turns = sessions[session] else { return nil }
        guard turns.holder == run else {
            leave(run, session)
            return nil
        }
        count -= 1
        holders -= 1
        turns.holder = nil
        sessions[session] = turns.waiting.isEmpty ? nil : turns
        if !turns.waiting.isEmpty { ready.append(session) }
        return next()
    }

    private mutating func leave(_ run: RunID, _ session: SessionID) {
        guard var turns = sessions[session] else { return }
        let before = turns.waiting.count
        turns.waiting.removeAll { $0.run == run }
        count -= before - turns.waiting.count
        let isEmpty = turns.holder == nil && turns.waiting.isEmpty
        sessions[session] = isEmpty ? nil : turns
        if isEmpty { ready.removeAll { $0 == session } }
    }

    /// The place that became free goes to whoever waits the longest.
    private mutating func next() -> RunID? {
        guard holders < places, !ready.isEmpty else { return nil }
        let session = ready.removeFirst()
        guard var turns = sessions[session], !turns.waiting.isEmpty else { return nil }
        let run = turns.waiting.removeFirst().run
        turns.holder = run
        sessions[session] = turns
        holders += 1
        return run
    }

    func isWaiting(_ run: RunID, in session: SessionID) -> Bool {
        sessions[session]?.waiting.contains { $0.run == run } ?? false
    }
}
