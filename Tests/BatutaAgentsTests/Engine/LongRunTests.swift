import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// Runs of many steps, and messages in long conversations: what they cost does not grow (DESIGN §9.10).
@Suite(.timeLimit(.minutes(10))) struct LongRunTests {
    static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)

    /// Asks for the next look until there were so many. Which is next the conversation says, so that a crash changes nothing.
    static func model(steps: Int) -> ScriptedModel {
        ScriptedModel { $0.purpose == .summary ? .say(LongTalk.notes($0)) : reply(to: $0, steps: steps) }
    }

    private static func reply(to request: ModelRequest, steps: Int) -> ScriptedModel.Reply {
        let next = (last(of: request) ?? 0) + 1
        return next > steps ? .say("done after \(steps)") : .call([("look", ["n": .int(next)])], text: next == 1 ? "fact: begun. " : "")
    }

    /// The number of the last result, from the result itself or from the notes.
    private static func last(of request: ModelRequest) -> Int? {
        for turn in request.turns.reversed() {
            guard case .tool(_, _, let envelope) = turn, let n = (try? JSON.parse(envelope))?["data"]?["n"]?.int else { continue }
            return Int(n)
        }
        return nil
    }

    static func tool(bytes: Int = 60) -> RecordingTool {
        RecordingTool(look) { call in
            ToolAttempt(.success(["n": call.arguments["n"] ?? .null, "text": .string(String(repeating: "z", count: bytes))]))
        }
    }

    static func bench(
        on kind: StoreEngine,
        _ model: ScriptedModel,
        _ tools: [any Tool],
        contextTokens: Int = 4_000,
        summary: AgentDefinition.Summary = .whenFull,
        folder: TemporaryFolder = TemporaryFolder(),
        store: (any Database) -> any Database = { $0 }
    ) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: model,
            tools: tools,
            folder: folder,
            limits: RunLimits(modelCalls: 5_000, toolCalls: 5_000, contextTokens: contextTokens),
            store: store,
            configure: { $0.agents["assistant"]?.definition.summary = summary }
        )
    }

    /// Calls and results go together, and the task is there.
    static func isWhole(_ request: ModelRequest, task: String) -> Bool {
        var asked: [CallID] = [], answered: [CallID] = []
        for turn in request.turns {
            switch turn {
            case .assistant(_, let calls): asked += calls.map(\.id)
            case .tool(let id, _, _): answered.append(id)
            case .user, .shown: break
            }
        }
        return asked == answered && request.turns.contains(.user(task))
    }

    @Test(arguments: StoreEngine.all)
    func `a run of a thousand steps stays under the limit, knows its task and its beginning, and replays the same`(_ kind: StoreEngine)
        async throws
    {
        let model = Self.model(steps: 1_000), tool = Self.tool()
        let bench = try await Self.bench(on: kind, model, [tool])
        let (accepted, events) = try await bench.send("look a thousand times")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output == "done after 1000")
        #expect(tool.received.count == 1_000)
        let answers = model.requests.filter { $0.purpose == .answer }, summaries = model.requests.filter { $0.purpose == .summary }
        #expect(answers.count == 1_001)
        #expect((5...100).contains(summaries.count), "\(summaries.count) summaries")
        #expect(model.requests.allSatisfy { LongTalk.size($0) <= 8_000 }, "a prompt is above the limit")
        #expect(answers.allSatisfy { Self.isWhole($0, task: "look a thousand times") })
        #expect(answers.last.map(LongTalk.text)?.contains("fact: begun.") == true)
        #expect(run.usage.inputTokens == 10 * model.requests.count)
        let asked = model.requests.count
        let report = try await bench.replay(accepted.runID)
        #expect(report.differences.isEmpty && report.events > 6_000, "\(report.differences.prefix(3))")
        #expect(model.requests.count == asked)
        #expect(try await checkpoint(of: accepted.runID, bench) == nil, "an ended run keeps none")
        await bench.stop()
    }

    private func checkpoint(of run: RunID, _ bench: EngineBench) async throws -> Int64? {
        try await bench.database.read { connection in
            try connection.first("SELECT seq FROM run_checkpoints WHERE tenant_id = 'default' AND run_id = \(run.rawValue)") { $0.int(0) }
        }
    }

    @Test(arguments: StoreEngine.all)
    func `killed in the middle of a long run, it goes on from a checkpoint, and reads what came after that`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), gate = Gate()
        let tool = RecordingTool(Self.look) { call in
            if call.arguments["n"] == 300 { await gate.pass() }
            return ToolAttempt(.success(["n": call.arguments["n"] ?? .null]))
        }
        let bench = try await Self.bench(on: kind, Self.model(steps: 400), [tool], folder: folder)
        let (accepted, _) = try await bench.send("go")
        await tool.waitForCalls(300)
        let kept = try #require(try await checkpoint(of: accepted.runID, bench))
        let last = try await bench.log.lastEvent(of: accepted.sessionID)
        #expect(kept > 1_000 && last - kept < 3 * Int64(CheckpointStore.interval))
        await bench.crash()
        gate.open()

        let counting = Mutex<CountingDatabase?>(nil)
        let model = Self.model(steps: 400), rest = Self.tool()
        let again = try await Self.bench(on: kind, model, [rest], folder: folder) { database in
            let counted = CountingDatabase(database)
            counting.withLock { $0 = counted }
            return counted
        }
        let events = EventCollector()
        await model.waitForRequests(1)
        let read = counting.withLock { $0?.rowsRead } ?? 0
        #expect(read < 400, "\(read) rows were read to go on")
        _ = try await again.log.subscribe(to: accepted.sessionID, after: last, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await again.run(accepted.runID))
        #expect(run.output == "done after 400" && run.usage.inputTokens >= 10 * 401)
        #expect(rest.received.compactMap { $0.arguments["n"]?.int } == Array(300...400))
        #expect(try await again.replay(accepted.runID).differences.isEmpty)
        await again.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a checkpoint that does not read is no loss`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel { request in
            LongTalk.text(request).contains(#""n":60"#) ? .hang() : Self.reply(to: request, steps: 80)
        }
        let first = try await Self.bench(on: kind, hanging, [Self.tool()], contextTokens: 100_000, folder: folder)
        let (accepted, _) = try await first.send("go")
        await hanging.waitForRequests(61)
        #expect(try await checkpoint(of: accepted.runID, first) != nil)
        var batch = WriteBatch(order: "test")
        batch.add("UPDATE run_checkpoints SET state = \(Array("{}".utf8)) WHERE run_id = \(accepted.runID.rawValue)")
        _ = try await first.database.write(batch)
        await first.crash()
        let again = try await Self.bench(on: kind, Self.model(steps: 80), [Self.tool()], contextTokens: 100_000, folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output == "done after 80")
        await again.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a stop that comes while a checkpoint is made is in no case forgotten`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let model = Self.model(steps: 5_000), tool = Self.tool()
        let bench = try await Self.bench(on: kind, model, [tool], folder: folder)
        let (accepted, _) = try await bench.send("go")
        await tool.waitForCalls(120)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        #expect(try await checkpoint(of: accepted.runID, bench) == nil)
        await bench.stop()
    }

    @Test func `a run that asks a person again and again reads for each answer what came since a checkpoint, not all of it`() async throws {
        let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)
        let tool = RecordingTool(pay) { ToolAttempt(.success(["n": $0.arguments["n"] ?? .null])) }
        let counting = Mutex<CountingDatabase?>(nil)
        let model = ScriptedModel { request in
            let next = (Self.last(of: request) ?? 0) + 1
            return next > 60 ? .say("done") : .call([("pay", ["n": .int(next)])])
        }
        let bench = try await Self.bench(on: .sqlite, model, [tool], contextTokens: 100_000) { database in
            let counted = CountingDatabase(database)
            counting.withLock { $0 = counted }
            return counted
        }
        func rows() -> Int { counting.withLock { $0?.rowsRead } ?? 0 }
        let (accepted, events) = try await bench.send("pay sixty times")
        var most = 0
        for number in 1...60 {
            await events.wait { events, isIdle in isIdle && events.count { $0.type == EventType.approval.rawValue } == 2 * number - 1 }
            let approval = try #require(try await bench.pendingApprovals().first)
            let before = rows()
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
            await tool.waitForCalls(number)
            most = max(most, rows() - before)
        }
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "done")
        #expect(most < 150, "\(most) rows were read for one answer")
        #expect(try await bench.replay(accepted.runID).differences.isEmpty)
        await bench.stop()
    }

    @Test func `with no summary the oldest steps are left out with a note, and the run goes on`() async throws {
        let model = Self.model(steps: 200)
        let bench = try await Self.bench(on: .sqlite, model, [Self.tool()], summary: .never)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        #expect(model.requests.allSatisfy { $0.purpose == .answer && LongTalk.size($0) <= 8_000 })
        #expect(model.requests.last.map(LongTalk.text)?.contains("have no room here and are left out") == true)
        #expect(LongTalk.outcomes(events.events).allSatisfy { $0.outcome == .leftOut && $0.code == nil })
    }

    @Test func `results that are longer than the whole limit are shown in part`() async throws {
        let tool = Self.tool(bytes: 50_000)
        let replies = ScriptedModel { request in
            let results = request.turns.count { if case .tool = $0 { true } else { false } }
            if request.purpose == .summary { return .say("notes") }
            return results == 0 && request.folded.rounds == 0 ? .call([("look", ["n": 1]), ("look", ["n": 2])]) : .say("done")
        }
        let bench = try await Self.bench(on: .sqlite, replies, [tool])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        let shown = try #require(replies.requests.last)
        #expect(LongTalk.size(shown) <= 8_000 && LongTalk.text(shown).contains(#""truncated":true"#))
    }

    @Test(arguments: StoreEngine.all)
    func `what a message reads does not depend on how long the conversation is`(_ kind: StoreEngine) async throws {
        var read: [Int: (cold: Int, warm: Int)] = [:]
        for turns in [40, 240] {
            let folder = TemporaryFolder()
            let model = ScriptedModel { $0.purpose == .summary ? .say("notes") : .say("ok") }
            let talk = try await LongTalk(on: kind, "one", model: model, history: 8, folder: folder)
            for turn in 2...turns { try await talk.say("message \(turn)") }
            await talk.bench.stop()
            let counting = Mutex<CountingDatabase?>(nil)
            let bench = try await LongTalk.bench(on: kind, model, folder, history: 8) { database in
                let counted = CountingDatabase(database)
                counting.withLock { $0 = counted }
                return counted
            }
            func rows() -> Int { counting.withLock { $0?.rowsRead } ?? 0 }
            let events = EventCollector()
            let session = try #require(try await SessionStore(database: bench.database).find(talk.session, owner: nil))
            _ = try await bench.log.subscribe(to: talk.session, after: session.lastEvent, sink: events)
            var costs: [Int] = []
            for text in ["cold", "warm"] {
                let before = rows()
                let accepted = try await bench.engine.accept(IncomingMessage(content: text), in: session)
                await events.waitForEnd(of: accepted.runID)
                costs.append(rows() - before)
            }
            read[turns] = (costs[0], costs[1])
            await bench.stop()
        }
        let short = try #require(read[40]), long = try #require(read[240])
        // Which of them is due for a summary differs; what one takes in is bounded.
        #expect(abs(long.cold - short.cold) <= 8 && long.cold < 40, "\(short) \(long)")
        #expect(long.warm <= 2 && short.warm <= 2, "a conversation that goes on is read from memory: \(short) \(long)")
    }
}
