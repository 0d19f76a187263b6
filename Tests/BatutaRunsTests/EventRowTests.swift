import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventRowTests {
    private static func envelopes(_ events: [LoggedEvent]) -> [String] {
        events.map { String(decoding: $0.envelope(language: "en"), as: UTF8.self) }
    }

    private static let mixed = [
        LogBench.status(.running), LogBench.status(.queued), LogBench.delta("one\ntwo "), LogBench.delta("three", message: "msg_2"),
        LogBench.status(.running), NewEvent(runID: nil, .agentSwitch(agent: "other \"agent\" \n")), LogBench.status(.queued),
        LogBench.status(.running),
    ]

    @Test(arguments: StoreEngine.all) func `events of one append share rows and read back exactly as they were delivered`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let live = try await bench.collect()
        _ = try await bench.log.append(Draft(Self.mixed), to: bench.session)
        await live.wait { events, _ in events.count == 8 }
        let stored = try await bench.log.pages.read(bench.session, after: 0, limit: 100)
        #expect(Self.envelopes(stored) == Self.envelopes(live.events))
        #expect(stored.map(\.type) == Self.mixed.map(\.data.type))
        #expect(try stored.map { try $0.data() } == Self.mixed.map(\.data))
        let rows = try await bench.database.read {
            try $0.rows("SELECT seq, type FROM events ORDER BY seq") { "\($0.int(0)) \($0.text(1))" }
        }
        #expect(rows == ["2 several", "3 content", "4 content", "5 status", "6 agent_switch", "8 several"])
    }

    @Test(
        arguments: StoreEngine.all,
        [(0, 8, 100), (1, 8, 100), (0, 1, 100), (3, 7, 100), (0, 8, 3), (6, 7, 1), (7, 8, 5), (8, 8, 5), (0, 8, 0)]
    )
    func `a page may begin and end inside a row`(_ kind: StoreEngine, _ part: (after: Int, through: Int, limit: Int)) async throws {
        let (after, through, limit) = part
        let bench = try await LogBench(kind)
        _ = try await bench.log.append(Draft(Self.mixed), to: bench.session)
        let page = try await bench.log.pages.read(bench.session, after: Int64(after), through: Int64(through), limit: limit)
        #expect(page.map(\.number) == Array((1...8).filter { $0 > after && $0 <= through }.prefix(limit)).map(Int64.init))
    }

    @Test(arguments: StoreEngine.all) func `a fold reads the rows of its run without pieces of text`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        _ = try await bench.log.append(Draft(Self.mixed), to: bench.session)
        let own = try await bench.log.pages.ofRun(LogBench.run, session: bench.session)
        #expect(own.map(\.number) == [1, 2, 5, 7, 8])
    }

    @Test(arguments: StoreEngine.all) func `what was written behind the channel's back reaches its readers before its next append`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let live = try await bench.collect()
        try await bench.append(LogBench.status(.running))
        let other = EventLog(database: bench.database, clock: bench.clock)
        for _ in 0..<3 { _ = try await other.append(Draft([LogBench.status(.running), LogBench.status(.queued)]), to: bench.session) }
        let committed = try await bench.append(LogBench.status(.running), LogBench.status(.queued))
        #expect(committed.after == 7 && committed.last == 9)
        #expect(live.numbers == Array(1...9))
        let again = try await other.append(Draft([LogBench.status(.running)]), to: bench.session)
        #expect(again.last == 10)
    }

    @Test(arguments: StoreEngine.all) func `a fence that was raised elsewhere ends the appends, whatever the count`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        try await bench.append(LogBench.status(.running))
        var batch = WriteBatch(order: bench.session.rawValue)
        batch.add("UPDATE sessions SET fence = fence + 1, last_event = last_event + 1 WHERE id = \(bench.session.rawValue)")
        _ = try await bench.database.write(batch)
        await #expect { try await bench.append(LogBench.status(.running)) } throws: { ($0 as? RunsError)?.code == .leaseLost }
    }

    @Test(arguments: StoreEngine.all)
    func `a reader who comes while a run is active gets what was just committed from memory, and no less than the log`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        for _ in 0..<200 { try await bench.append(LogBench.status(.running)) }
        for after in [0, 100, 167, 168, 199, 200] {
            let events = try await bench.collect(after: Int64(after))
            #expect(events.numbers == Array(Int64(after + 1)..<201))
        }
    }
}
