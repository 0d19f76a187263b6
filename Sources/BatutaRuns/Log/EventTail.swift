import BatutaStorage
import Synchronization

/// The events of all sessions as one stream, for inboxes and monitors (DESIGN §9.22): replay, then live, from any cursor, without a gap or
/// a duplicate, also over a restart and when sessions are deleted meanwhile.
///
/// A commit rings; the tail then reads the store once for all its readers. Without readers a bell costs one look at a number.
public final class EventTail: Sendable {
    let pages: TailPages
    private let count = Atomic<Int>(0)
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var machine = TailStateMachine()
        var readers: [TailReader] = []
    }

    init(database: any Database, isShared: Bool) { pages = TailPages(database: database, isShared: isShared) }

    /// The place after everything that is committed: from now on.
    public func end() async throws -> EventCursor { try await pages.end() }

    /// Refuses a cursor of another time of the store with `logRewound`.
    /// - Returns: The cursor to read from.
    public func check(_ cursor: EventCursor) async throws -> EventCursor { try await pages.check(cursor) }

    /// A reader that begins when it is told to.
    public func reader(after cursor: EventCursor, _ filter: TailFilter, to sink: any TailSink) -> TailReader {
        TailReader(self, after: cursor, filter, sink)
    }

    /// At most `limit` events after the cursor, and whether there are more.
    public func page(after cursor: EventCursor, _ filter: TailFilter, limit: Int) async throws -> (events: [TailedEvent], hasMore: Bool) {
        var cursor = try await pages.check(cursor)
        var events: [TailedEvent] = []
        var triesLeft = 100
        // Whoever has just written finds it here, although older transactions may still be under way.
        let newest = try await pages.newestTransaction()
        while true {
            let page = try await pages.read(after: cursor, filter)
            events += page.events
            cursor = page.end
            if events.count > limit { return (Array(events.prefix(limit)), true) }
            guard page.isLast else { continue }
            guard page.isHeldUp, cursor.transaction < newest, triesLeft > 0 else { return (events, false) }
            triesLeft -= 1
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Something was committed.
    func ring() {
        guard count.load(ordering: .acquiring) > 0 else { return }
        if state.withLock({ $0.machine.ring() }) { readOn() }
    }

    /// Makes the reader live when it has everything that the others have.
    func join(_ reader: TailReader, at cursor: EventCursor) -> Bool {
        let joining = state.withLock { state in
            let joining = state.machine.join(at: cursor)
            if joining != .behind { state.readers.append(reader) }
            count.store(state.readers.count, ordering: .releasing)
            return joining
        }
        guard case .live(let reads) = joining else { return false }
        if reads { readOn() }
        return true
    }

    func remove(_ reader: TailReader) {
        state.withLock { state in
            guard let index = state.readers.firstIndex(where: { $0 === reader }) else { return }
            state.readers.remove(at: index)
            count.store(state.readers.count, ordering: .releasing)
            state.machine.leave()
        }
    }

    /// Awaited by nobody: it ends as soon as the readers have everything. Only one is under way at a time.
    private func readOn() { Task { await readToEnd() } }

    /// For what another transaction holds up that is under way: nobody rings for it again.
    private func ringSoon() {
        // Awaited by nobody; without readers it does nothing.
        Task { [weak self] in
            try? await Task.sleep(for: .milliseconds(10))
            self?.ring()
        }
    }

    private func readToEnd() async {
        while true {
            do {
                guard let position = state.withLock({ $0.machine.position }) else { return }
                let page = try await pages.read(after: position, TailFilter())
                // Both at once: whoever joins after this has the page already, or is behind.
                let readers = state.withLock { state in
                    state.machine.found(to: page.end)
                    return state.readers
                }
                for reader in readers where !reader.deliver(page.events) { remove(reader) }
                if page.isHeldUp { ringSoon() }
                guard state.withLock({ $0.machine.didDeliver(isLast: page.isLast) }) else { return }
            } catch let error as StorageError where error.code == .closed {
                return
            } catch {
                // The readers wait; what they miss meanwhile comes with the first reading that works.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Where a reader's events go.
public protocol TailSink: Sendable {
    /// Takes events in order. Never blocks; false ends the reading.
    func deliver(_ events: [TailedEvent]) -> Bool

    /// Returns when there is room for another page of replayed events.
    func room() async throws
}

/// One reader of the tail. After `close` has returned nothing more is delivered.
public final class TailReader: Sendable {
    private let tail: EventTail
    private let filter: TailFilter
    private let sink: any TailSink
    private let state: Mutex<State>

    private struct State {
        var cursor: EventCursor
        var isOpen = true
    }

    init(_ tail: EventTail, after cursor: EventCursor, _ filter: TailFilter, _ sink: any TailSink) {
        self.tail = tail
        self.filter = filter
        self.sink = sink
        state = Mutex(State(cursor: cursor))
    }

    /// Replays; returns when the reader is live, or was closed meanwhile.
    public func begin() async throws {
        while true {
            let cursor = state.withLock { $0.cursor }
            let page = try await tail.pages.read(after: cursor, filter)
            guard pass(page.events, to: page.end) else { return }
            if page.isLast, tail.join(self, at: page.end) { break }
            try await sink.room()
        }
        if !isOpen { tail.remove(self) }
    }

    public func close() {
        state.withLock { $0.isOpen = false }
        tail.remove(self)
    }

    /// Brings what was read for all readers; what this one has already is left out.
    func deliver(_ events: [TailedEvent]) -> Bool {
        guard let end = events.last?.cursor else { return isOpen }
        return pass(events, to: end)
    }

    private func pass(_ events: [TailedEvent], to end: EventCursor) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            let new = events.filter { $0.cursor > state.cursor && filter.takes($0) }
            state.cursor = max(state.cursor, end)
            state.isOpen = new.isEmpty || sink.deliver(new)
            return state.isOpen
        }
    }

    private var isOpen: Bool { state.withLock { $0.isOpen } }
}
