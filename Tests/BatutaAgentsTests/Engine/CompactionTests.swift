import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// §9.21: pieces of text that messages replaced are dropped a day after the run, and nobody notices but the disk.
@Suite(.timeLimit(.minutes(5))) struct CompactionTests {
    /// Questions wait for ten days, and nothing is compacted but by the tests.
    private static let patient = EngineConfiguration(approvalLifetime: .seconds(864_000), expiryInterval: .seconds(36_000))

    private func wholeLog(_ bench: EngineBench, _ session: SessionID) async throws -> [LoggedEvent] {
        try await bench.log.pages.read(session, after: 0, limit: 10_000)
    }

    /// Steps until there is nothing left.
    private func compact(_ bench: EngineBench) async throws {
        let compaction = LogCompaction(database: bench.database, clock: bench.clock)
        for _ in 0..<1_000 where try await compaction.step() {}
    }

    private func isDelta(_ event: LoggedEvent) -> Bool { EventType(rawValue: event.type)?.isDelta == true }

    @Test(arguments: StoreEngine.all)
    func `what messages replaced goes after a day; numbers, readers and cursors stay`(_ kind: StoreEngine) async throws {
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel([.say("one two three"), .hang(after: "I begin ")]),
            configuration: Self.patient
        )
        let (first, collector) = try await bench.send("a")
        await collector.waitForEnd(of: first.runID)
        let second = try await bench.send("b", in: first.sessionID)
        await collector.wait { events, _ in events.contains { $0.runID == second.runID && EventType(rawValue: $0.type) == .content } }
        let run = try #require(try await bench.run(second.runID))
        #expect(try await bench.engine.stop(run))
        let before = try await wholeLog(bench, first.sessionID)
        let cursors = try await bench.log.tail.page(after: .start, TailFilter(), limit: 10_000).events.map(\.cursor)
        let messages = try await bench.log.pages.ofRun(first.runID, session: first.sessionID).map(\.number)
        #expect(before.contains { isDelta($0) && $0.runID == first.runID })

        bench.clock.advance(by: .seconds(86_000))
        try await compact(bench)
        #expect(try await wholeLog(bench, first.sessionID).map(\.number) == before.map(\.number))

        bench.clock.advance(by: .seconds(1_000))
        try await compact(bench)
        let kept = before.filter { !isDelta($0) || $0.runID == second.runID }
        #expect(try await wholeLog(bench, first.sessionID).map(\.number) == kept.map(\.number))
        #expect(try await bench.log.pages.ofRun(first.runID, session: first.sessionID).map(\.number) == messages)
        for number in 0...(before.last?.number ?? 0) {
            let late = EventCollector()
            _ = try await bench.log.subscribe(to: first.sessionID, after: number, sink: late)
            #expect(late.numbers == kept.map(\.number).filter { $0 > number })
        }
        for (index, cursor) in cursors.enumerated() {
            let rest = try await bench.log.tail.page(after: cursor, TailFilter(), limit: 10_000).events.map(\.event.number)
            #expect(rest == kept.map(\.number).filter { $0 > before[index].number })
        }
        let more = try await bench.log.append(Draft([NewEvent(runID: nil, .agentSwitch(agent: "x"))]), to: first.sessionID)
        #expect(more.last == (before.last?.number ?? 0) + 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a run that waits for days is looked at again when it has ended`(_ kind: StoreEngine) async throws {
        let tool = RecordingTool(DoubtTests.pay)
        let model = ScriptedModel([DoubtTests.call("pay"), .say("another answer"), .say("it is paid")])
        let bench = try await EngineBench(on: kind, model: model, tools: [tool], configuration: Self.patient)
        let (asking, events) = try await bench.send("pay")
        await DoubtTests.waitForQuestion(events, of: asking.runID)
        let (other, collector) = try await bench.send("meanwhile")
        await collector.waitForEnd(of: other.runID)
        bench.clock.advance(by: .seconds(90_000))
        try await compact(bench)
        #expect(try await wholeLog(bench, other.sessionID).contains(where: isDelta) == false)
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "member"))
        await events.waitForEnd(of: asking.runID)
        #expect(try await wholeLog(bench, asking.sessionID).contains(where: isDelta))
        try await compact(bench)
        #expect(try await wholeLog(bench, asking.sessionID).contains(where: isDelta))
        bench.clock.advance(by: .seconds(90_000))
        try await compact(bench)
        #expect(try await wholeLog(bench, asking.sessionID).contains(where: isDelta) == false)
        let left = try await bench.database.read { try $0.rows("SELECT kind FROM compaction") { $0.text(0) } }
        #expect(left == ["reached"])
        await bench.stop()
    }

    @Test func `many pieces go in small commits`() async throws {
        let bench = try await EngineBench(model: ScriptedModel([.say("x")]), configuration: Self.patient)
        let (accepted, collector) = try await bench.send("a")
        await collector.waitForEnd(of: accepted.runID)
        let log = try await wholeLog(bench, accepted.sessionID)
        let delta = try #require(log.first { isDelta($0) })
        // The same piece 1,200 times, between the run's first event and its last.
        var batch = WriteBatch(order: "x")
        batch.add("UPDATE events SET seq = seq + 10000 WHERE seq > \(delta.number)")
        batch.add("UPDATE sessions SET last_event = last_event + 10000")
        for number in 1...1_200 {
            batch.add(
                """
                INSERT INTO events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
                SELECT tenant_id, session_id, seq + \(number), run_id, type, v, at, key_id, payload FROM events WHERE seq = \(delta.number)
                """
            )
        }
        _ = try await bench.database.write(batch)
        bench.clock.advance(by: .seconds(90_000))
        try await compact(bench)
        #expect(try await wholeLog(bench, accepted.sessionID).contains(where: isDelta) == false)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what members said piece by piece goes as well`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel { request in
            guard request.agent == "manager", !request.answersCalls else { return .speak("one two three") }
            return .call([("delegate", ["member": "creator", "task": "work"])])
        }
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [creator]\n"],
            default: "team:ads",
            agents: ["manager": "", "creator": ""],
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await wholeLog(bench, accepted.sessionID).contains { isDelta($0) && $0.runID != accepted.runID })
        bench.clock.advance(by: .seconds(90_000))
        try await compact(bench)
        #expect(try await !wholeLog(bench, accepted.sessionID).contains(where: isDelta))
        await bench.stop()
    }
}
