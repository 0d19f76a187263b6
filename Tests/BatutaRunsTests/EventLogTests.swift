import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventLogTests {
    @Test(arguments: StoreEngine.all) func `numbers count from one without a gap, whoever writes`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await bench.append(LogBench.status(.running), LogBench.status(.queued)) } }
            try await group.waitForAll()
        }
        let events = try await bench.collect()
        #expect(events.numbers == Array(1...100))
    }

    @Test(arguments: StoreEngine.all, [0, 1, 499, 500, 501, 1_234, 1_500])
    func `S3.25 S3.26 replay then live is one sequence from any number, while others write`(_ kind: StoreEngine, _ after: Int) async throws
    {
        let bench = try await LogBench(kind)
        for _ in 0..<15 {
            _ = try await bench.log.append(Draft(Array(repeating: LogBench.status(.running), count: 100)), to: bench.session)
        }
        async let writing: Void = {
            for _ in 0..<100 { try await bench.append(LogBench.status(.running)) }
        }()
        let events = try await bench.collect(after: Int64(after))
        try await writing
        await events.wait { events, _ in events.last?.number == 1_600 }
        #expect(events.numbers == Array(Int64(after + 1)...1_600))
    }

    @Test(arguments: StoreEngine.all) func `a reader is told of nothing before it is committed`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let events = try await bench.collect()
        let committed = try await bench.append(LogBench.status(.running))
        await events.wait(for: .status)
        let stored = try await bench.log.pages.read(bench.session, after: 0, limit: 10)
        #expect(stored.last?.number == committed.last)
        #expect(stored.map { $0.envelope(language: "en") } == events.events.map { $0.envelope(language: "en") })
    }

    @Test(arguments: StoreEngine.all) func `pieces of one text that wait together become one event, in order`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        let writer = try await bench.log.writer(for: bench.session)
        let words = (0..<500).map { "word\($0) " }
        for word in words { writer.postDelta(LogBench.delta(word)) }
        writer.postDelta(LogBench.delta("other", message: "msg_2"))
        try await bench.append(LogBench.status(.running))
        let texts = try await bench.collect().events.compactMap { event -> (String, String)? in
            guard case .content(let id, let delta) = try event.data() else { return nil }
            return (id.rawValue, delta)
        }
        #expect(texts.filter { $0.0 == "msg_1" }.map(\.1).joined() == words.joined())
        #expect(texts.last?.1 == "other")
        #expect(texts.count < 400)
    }

    @Test(arguments: StoreEngine.all) func `a number beyond the end is refused with the last one`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        try await bench.append(LogBench.status(.running))
        await #expect { _ = try await bench.collect(after: 2) } throws: {
            ($0 as? RunsError)?.code == .logRewound && ($0 as? RunsError)?.lastEvent == 1
        }
    }

    @Test(arguments: StoreEngine.all) func `a session that does not exist is not found`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let other = SessionID.make(at: bench.clock.now(), random: SystemRandom())
        await #expect { _ = try await bench.log.append(Draft([LogBench.status(.running)]), to: other) } throws: {
            ($0 as? RunsError)?.code == .notFound
        }
    }

    @Test(arguments: StoreEngine.all) func `a reader that gives up is dropped and disturbs nobody`(_ kind: StoreEngine) async throws {
        struct Impatient: EventSink {
            func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool { events.isEmpty }
            func room() async throws {}
        }
        let bench = try await LogBench(kind)
        _ = try await bench.log.subscribe(to: bench.session, after: 0, sink: Impatient())
        let patient = try await bench.collect()
        for _ in 0..<10 { try await bench.append(LogBench.status(.running)) }
        await patient.wait { events, _ in events.count == 10 }
        #expect(patient.numbers == Array(1...10))
    }

    @Test(arguments: StoreEngine.all) func `idle is told when no run is queued or running`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let events = try await bench.collect()
        await events.wait { _, isIdle in isIdle }
        try await bench.append(LogBench.status(.running))
        await events.wait { _, isIdle in !isIdle }
        try await bench.append(LogBench.status(.pendingApproval))
        await events.wait { _, isIdle in isIdle }
    }

    @Test(arguments: StoreEngine.all) func `a run's own stream leaves out the others`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let other = NewEvent(runID: RunID(trusted: "run_other"), agent: "b", .status(StatusEvent(.running)))
        try await bench.append(LogBench.status(.running), other, LogBench.status(.paused))
        let events = try await bench.collect(run: LogBench.run)
        #expect(events.numbers == [1, 3])
    }

    @Test(arguments: StoreEngine.all) func `time never goes back within a session`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        bench.clock.advance(by: .seconds(60))
        try await bench.append(LogBench.status(.running))
        bench.clock.advance(by: .seconds(-30))
        try await bench.append(LogBench.status(.paused))
        let times = try await bench.collect().events.map(\.at)
        #expect(times == times.sorted())
    }

    @Test(arguments: StoreEngine.all) func `S3.8 the log is there after a restart and goes on counting`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        try await bench.append(LogBench.status(.running), LogBench.status(.completed))
        await bench.database.close()
        let again = try await LogBench(kind, folder: bench.folder, session: bench.session)
        try await again.append(LogBench.status(.queued))
        #expect(try await again.collect().numbers == [1, 2, 3])
    }

    @Test(arguments: StoreEngine.all) func `whoever lost the session's fence can append nothing`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        try await bench.append(LogBench.status(.running))
        var taking = WriteBatch(order: bench.session.rawValue)
        taking.add("UPDATE sessions SET fence = fence + 1 WHERE id = \(bench.session.rawValue)")
        _ = try await bench.database.write(taking)
        await #expect { try await bench.append(LogBench.status(.completed)) } throws: { ($0 as? RunsError)?.code == .leaseLost }
        #expect(try await bench.log.pages.read(bench.session, after: 0, limit: 10).count == 1)
    }

    @Test(arguments: StoreEngine.all) func `a guarded draft that fails takes no number and fails alone`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        var draft = Draft([LogBench.status(.running)])
        let decision = ApprovalDecision(approve: true, by: "ana")
        draft.prelude = [ApprovalProjections.decision(.approved, of: ApprovalID(trusted: "apr_none"), decision, at: bench.clock.now())]
        let guarded = draft
        async let passing = bench.append(LogBench.status(.running))
        await #expect { _ = try await bench.log.append(guarded, to: bench.session) } throws: { ($0 as? RunsError)?.code == .conflict }
        #expect(try await passing.last == 1)
    }

    @Test(arguments: StoreEngine.all, [("en", "Processing your request…"), ("pt-BR", "Processando seu pedido…")])
    func `S2.88 texts are in the reader's language`(_ kind: StoreEngine, _ row: (String, String)) async throws {
        let bench = try await LogBench(kind)
        try await bench.append(LogBench.status(.running))
        let event = try #require(try await bench.collect().events.first)
        let json = try JSON.parse(event.envelope(language: row.0))
        #expect(json["data"]?["text"]?.string == row.1)
        #expect(json["id"]?.int == 1)
        #expect(json["session_id"]?.string == bench.session.rawValue)
        #expect(json["agent"] == "assistant")
        #expect(json["parent_run_id"] == .null)
    }

    @Test(arguments: StoreEngine.all) func `an envelope is one line, whatever the text`(_ kind: StoreEngine) async throws {
        let bench = try await LogBench(kind)
        let text = "a\nb\r\n\u{2028}\"quoted\" \u{0} é 🎼"
        try await bench.append(LogBench.delta(text))
        let bytes = try #require(try await bench.collect().events.first).envelope(language: "en")
        #expect(!bytes.contains(10) && !bytes.contains(13))
        #expect(try JSON.parse(bytes)["data"]?["delta"]?.string == text)
    }
}
