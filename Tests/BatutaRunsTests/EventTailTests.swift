import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventTailTests {
    /// Everything in the order of commits, as the store has it.
    private func all(_ log: EventLog, _ filter: TailFilter = TailFilter()) async throws -> [TailedEvent] {
        try await log.tail.page(after: .start, filter, limit: 1_000_000).events
    }

    private func names(_ events: some Sequence<TailedEvent>) -> [String] { events.map { "\($0.event.sessionID) \($0.event.number)" } }

    private func sessions(_ count: Int, _ bench: LogBench, owner: String = "usr_a") async throws -> [SessionID] {
        var made: [SessionID] = []
        for _ in 0..<count {
            let id = SessionID.make(at: bench.clock.now(), random: SystemRandom())
            let session = Session(id: id, owner: owner, target: "agent:assistant", createdAt: bench.clock.now())
            try await SessionStore(database: bench.database).create(session)
            made.append(id)
        }
        return made
    }

    /// Appends of all shapes: several events in a row, one, pieces of text.
    private func write(_ log: EventLog, to session: SessionID, _ rounds: Int) async throws {
        for round in 0..<rounds {
            switch round % 3 {
            case 0: _ = try await log.append(Draft(Array(repeating: LogBench.status(.running), count: 4)), to: session)
            case 1: _ = try await log.append(Draft([LogBench.delta("piece"), LogBench.status(.queued)]), to: session)
            default: _ = try await log.append(Draft([LogBench.status(.running)]), to: session)
            }
        }
    }

    @Test(arguments: StoreEngine.all) func `readers at any cursor miss nothing and get nothing twice while many sessions are written`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let sessions = try await sessions(8, bench)
        for session in sessions { try await write(bench.log, to: session, 6) }
        let before = try await all(bench.log)
        let readers = try await withThrowingTaskGroup(of: (from: Int, collector: TailCollector)?.self) { group in
            for session in sessions {
                group.addTask {
                    try await write(bench.log, to: session, 60)
                    return nil
                }
            }
            for index in 0..<24 {
                group.addTask {
                    let from = index == 0 ? 0 : Int.random(in: 0...before.count)
                    let collector = TailCollector()
                    let cursor = from == 0 ? EventCursor.start : before[from - 1].cursor
                    let reader = bench.log.tail.reader(after: cursor, TailFilter(), to: collector)
                    try await reader.begin()
                    // Some leave and come back where they were.
                    guard index % 4 == 1 else { return (from, collector) }
                    try await Task.sleep(for: .milliseconds(5))
                    reader.close()
                    let last = collector.events.last?.cursor ?? cursor
                    try await bench.log.tail.reader(after: last, TailFilter(), to: collector).begin()
                    return (from, collector)
                }
            }
            return try await group.reduce(into: [(from: Int, collector: TailCollector)]()) { if let one = $1 { $0.append(one) } }
        }
        let whole = names(try await all(bench.log))
        #expect(whole.count == 8 * (66 / 3) * 7)
        for (from, collector) in readers {
            await collector.wait(for: whole.count - from)
            #expect(names(collector.events) == Array(whole.dropFirst(from)))
        }
    }

    @Test(arguments: StoreEngine.all) func `numbers of one session keep their order, and a cursor may stand inside a row`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        _ = try await bench.log.append(Draft(Array(repeating: LogBench.status(.running), count: 5)), to: bench.session)
        let events = try await all(bench.log)
        #expect(events.map(\.event.number) == [1, 2, 3, 4, 5])
        for index in events.indices {
            let cursor = try #require(EventCursor(events[index].cursor.text))
            #expect(cursor == events[index].cursor)
            let rest = try await bench.log.tail.page(after: cursor, TailFilter(), limit: 10)
            #expect(rest.events.map(\.event.number) == Array((1...5).dropFirst(index + 1)).map(Int64.init))
            let live = TailCollector()
            try await bench.log.tail.reader(after: cursor, TailFilter(), to: live).begin()
            #expect(live.events.map(\.cursor) == rest.events.map(\.cursor))
        }
        let page = try await bench.log.tail.page(after: .start, TailFilter(), limit: 2)
        #expect(page.hasMore && page.events.count == 2)
    }

    @Test func `a restart, VACUUM and deleted sessions leave a cursor where it is`() async throws {
        let bench = try await LogBench()
        let others = try await sessions(3, bench)
        for session in [bench.session] + others { try await write(bench.log, to: session, 4) }
        let store = SessionStore(database: bench.database)
        let newest = try #require(try await all(bench.log).last)
        let early = try #require(try await all(bench.log).first)
        #expect(newest.event.sessionID == others[2])
        // The newest of all goes, and with it the highest number.
        try await store.delete(others[2])
        try await store.delete(others[0])
        try await #require(bench.database as? SQLiteDatabase).backUp(to: bench.folder.path + "/copy.db")
        await bench.database.close()
        let copy = try SQLiteDatabase(path: bench.folder.path + "/copy.db")
        let log = EventLog(database: copy, clock: bench.clock)
        #expect(try await log.tail.page(after: newest.cursor, TailFilter(), limit: 10).events.isEmpty)
        let live = TailCollector()
        try await log.tail.reader(after: newest.cursor, TailFilter(), to: live).begin()
        _ = try await log.append(Draft([LogBench.status(.running), LogBench.status(.queued)]), to: others[1])
        await live.wait(for: 2)
        #expect(live.events.map(\.event.sessionID) == [others[1], others[1]])
        let later = try await log.tail.page(after: newest.cursor, TailFilter(), limit: 10).events
        #expect(names(later) == names(live.events))
        let rest = try await log.tail.page(after: early.cursor, TailFilter(), limit: 1_000).events
        #expect(Set(rest.map(\.event.sessionID)) == [bench.session, others[1]])
        #expect(names(rest).count == Set(names(rest)).count)
        try await SessionStore(database: copy).delete(others[1])
        try await SessionStore(database: copy).delete(bench.session)
        #expect(try await log.tail.page(after: .start, TailFilter(), limit: 10).events.isEmpty)
        #expect(try await copy.read { try $0.first("SELECT COUNT(*) FROM events") { $0.int(0) } } == 1)
        await copy.close()
    }

    @Test(arguments: ["", "x", "1-2", "1-2-3-4-5", "-1-0-0", "1-1-zz", "01-1-0", "9223372036854775808-1-0", "1- 1-0"])
    func `what is no cursor is none`(_ text: String) { #expect(EventCursor(text) == nil) }

    @Test(arguments: StoreEngine.all) func `a cursor of another time of the store is refused`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let other = try await LogBench(kind)
        for _ in 0..<3 { try await bench.append(LogBench.status(.running)) }
        try await other.append(LogBench.status(.running))
        let (first, last) = (try await all(bench.log)[0].cursor, try await bench.log.tail.end())
        for cursor in [first, last] {
            await #expect { _ = try await other.log.tail.page(after: cursor, TailFilter(), limit: 1) } throws: {
                ($0 as? RunsError)?.code == .logRewound
            }
        }
    }

    @Test(arguments: StoreEngine.all) func `owners see their own, types are left out, whoever sees all gets all`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        let foreign = try await sessions(1, bench, owner: "usr_b")[0]
        let mine = TailCollector(), everything = TailCollector()
        let filter = TailFilter(owner: "usr_a", types: ["status"])
        try await bench.log.tail.reader(after: .start, filter, to: mine).begin()
        try await bench.log.tail.reader(after: .start, TailFilter(), to: everything).begin()
        for session in [foreign, bench.session] {
            _ = try await bench.log.append(Draft([LogBench.status(.running), LogBench.delta("x"), LogBench.status(.queued)]), to: session)
        }
        await everything.wait(for: 6)
        await mine.wait(for: 2)
        #expect(mine.events.allSatisfy { $0.event.sessionID == bench.session && $0.event.type == "status" })
        #expect(names(mine.events) == names(try await all(bench.log, filter)))
    }

    @Test(arguments: StoreEngine.all) func `a reader that was closed gets nothing more`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let collector = TailCollector(), other = TailCollector()
        let reader = bench.log.tail.reader(after: .start, TailFilter(), to: collector)
        try await reader.begin()
        reader.close()
        try await bench.log.tail.reader(after: .start, TailFilter(), to: other).begin()
        try await bench.append(LogBench.status(.running))
        await other.wait(for: 1)
        #expect(collector.events.isEmpty)
    }

    @Test(arguments: StoreEngine.all) func `a store of an earlier release gets the order of its events`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await kind.open(in: folder)
        let earlier = MigrationSet(capability: "runs", Array(RunsMigrations.set.migrations.prefix(2)))
        try await database.migrate([earlier, BlobStore.migrations])
        let payload = #"{"parent_run_id":null,"agent":"a","data":{"status":"running"}}"#
        let rows: [(session: String, seq: Int, type: String, version: Int, at: Int, payload: String)] = [
            ("ses_b", 1, "status", 1, 5, payload), ("ses_a", 2, "several", 2, 3, "status \(payload)\nstatus \(payload)\n"),
            ("ses_a", 3, "content", 1, 3, #"{"parent_run_id":null,"agent":"a","data":{"message_id":"msg_1","delta":"x"}}"#),
        ]
        var batch = WriteBatch(order: "x")
        for (name, last) in [("ses_a", 3), ("ses_b", 1)] {
            batch.add(
                """
                INSERT INTO sessions (tenant_id, id, user_id, target, metadata, variables, created_at, updated_at, last_event, fence, epoch)
                VALUES ('default', \(name), 'usr_a', 'x', '{}', '{}', 0, 0, \(last), 0, 0)
                """
            )
        }
        for row in rows {
            batch.add(
                """
                INSERT INTO events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
                VALUES ('default', \(row.session), \(row.seq), \(LogBench.run.rawValue), \(row.type), \(row.version), \(row.at), 0,
                    \(Array(row.payload.utf8)))
                """
            )
        }
        _ = try await database.write(batch)
        try await database.migrate([RunsMigrations.set, BlobStore.migrations])
        let log = EventLog(database: database, clock: ManualClock())
        _ = try await log.append(Draft([LogBench.status(.running)]), to: SessionID(trusted: "ses_a"))
        #expect(names(try await all(log)) == ["ses_a 1", "ses_a 2", "ses_a 3", "ses_b 1", "ses_a 4"])
        #expect(try await log.pages.ofRun(LogBench.run, session: SessionID(trusted: "ses_a")).map(\.type).contains("status"))
    }
}

/// A reader of the tail that keeps what it gets.
final class TailCollector: TailSink {
    private struct State {
        var events: [TailedEvent] = []
        var waiter: (count: Int, waiter: Waiter)?
    }

    private let state = Mutex(State())

    var events: [TailedEvent] { state.withLock { $0.events } }

    func deliver(_ events: [TailedEvent]) -> Bool {
        let ready = state.withLock { state -> Waiter? in
            state.events += events
            guard let waiter = state.waiter, state.events.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.waiter
        }
        ready?.resume()
        return true
    }

    func room() async throws {}

    func wait(for count: Int) async {
        await Waiter.wait { waiter in
            let isThere = state.withLock { state in
                if state.events.count >= count { return true }
                state.waiter = (count, waiter)
                return false
            }
            if isThere { waiter.resume() }
        }
    }
}
