import BatutaCore
import Synchronization

/// What this node has in memory of what is known of users, for as many as there is room.
final class FactShelf: Sendable {
    /// What is known of somebody, and up to which change.
    struct Entry: Sendable {
        var index: FactIndex
        var revision: Int64
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        /// When each was last wanted.
        var uses: [String: UInt64] = [:]
        var clock: UInt64 = 0
        var facts = 0
    }

    private let state = Mutex(State())
    /// A fact takes about half a kilobyte with its terms.
    private let mostFacts: Int
    private let mostOwners: Int

    init(mostFacts: Int = 100_000, mostOwners: Int = 5_000) {
        self.mostFacts = mostFacts
        self.mostOwners = mostOwners
    }

    func entry(of owner: String) -> Entry? {
        state.withLock { state in
            guard let entry = state.entries[owner] else { return nil }
            state.use(owner)
            return entry
        }
    }

    /// Keeps what was read, unless something newer came meanwhile.
    func keep(_ entry: Entry, of owner: String) {
        state.withLock { state in
            if let known = state.entries[owner] {
                guard known.revision < entry.revision else { return }
                state.facts -= known.index.count
            }
            state.entries[owner] = entry
            state.facts += entry.index.count
            state.use(owner)
            while state.entries.count > 1, state.facts > mostFacts || state.entries.count > mostOwners { state.dropOldest() }
        }
    }

    /// What was committed a moment ago, when nothing else came between.
    func apply(_ edits: [FactEdit], to owner: String, from revision: Int64) {
        state.withLock { state in
            // No copy is held while it changes.
            guard state.entries[owner]?.revision == revision else { return }
            let before = state.entries[owner]?.index.count ?? 0
            for edit in edits { state.entries[owner]?.index.apply(edit) }
            state.entries[owner]?.revision = revision + 1
            state.facts += (state.entries[owner]?.index.count ?? 0) - before
        }
    }
}

extension FactShelf.State {
    fileprivate mutating func use(_ owner: String) {
        clock += 1
        uses[owner] = clock
    }

    fileprivate mutating func dropOldest() {
        guard let oldest = uses.min(by: { $0.value < $1.value })?.key else { return }
        uses[oldest] = nil
        facts -= entries.removeValue(forKey: oldest)?.index.count ?? 0
    }
}
