import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct EngineTests {
    static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)
    static let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)

    @Test(arguments: StoreEngine.all) func `a message is answered, and its deltas together are the message`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.say("Good morning to you")]))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(events.numbers == Array(1...Int64(events.numbers.count)))
        #expect(events.types.first == "status")
        #expect(events.types.last == "complete")
        #expect(try Self.deltas(events) == "Good morning to you")
        #expect(try await bench.run(accepted.runID)?.output == "Good morning to you")
        await bench.stop()
    }

    @Test func `a rehearsal costs nothing, whatever the model costs whose place the script takes`() async throws {
        for isRehearsal in [true, false] {
            let prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 1_000, output: 1_000))])
            let bench = try await EngineBench(
                model: ScriptedModel([.say("Good morning")]),
                isRehearsal: isRehearsal,
                configure: { $0.prices = prices }
            )
            let (accepted, events) = try await bench.send("hi")
            await events.waitForEnd(of: accepted.runID)
            let costs = events.events.compactMap { event -> Int64?? in
                switch try? event.data() {
                case .usage(let usage): usage.costNanoUSD
                case .complete(let end): end.costNanoUSD
                default: nil
                }
            }
            #expect(costs.count == 2 && costs.allSatisfy { ($0 == 0) == isRehearsal })
            #expect((try await bench.run(accepted.runID)?.costNanoUSD == 0) == isRehearsal)
            await bench.stop()
        }
    }

    @Test func `the end of a run is one line of the server's log, with nothing of what was said`() async throws {
        let sink = MemorySink()
        let logger = Logger(format: .json, sink: sink)
        let bench = try await EngineBench(model: ScriptedModel([.say("an answer")]), logger: logger)
        let (accepted, events) = try await bench.send("a question")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        let lines = sink.lines.filter { $0.contains("A run ended") }
        let line = try JSON.parse(lines.first ?? "null")
        #expect(lines.count == 1 && line["run.id"] == .string(accepted.runID.rawValue))
        #expect(line["session.id"] == .string(accepted.sessionID.rawValue) && line["agent"] == "assistant")
        #expect(line["status"] == "completed" && line["duration_ms"] != nil && line["output_tokens"] != nil)
        #expect(!sink.lines.contains { $0.contains("an answer") || $0.contains("a question") })
    }

    @Test func `S2.56 a call that failed is a warning with its code, and nothing of what was sent`() async throws {
        let sink = MemorySink()
        let logger = Logger(format: .json, sink: sink)
        let model = ScriptedModel([
            .fail(ModelError(.unavailable, "a secret word", retryAfter: .milliseconds(1))), .call([("gone", ["n": "a secret word"])]),
            .say("done"),
        ])
        let bench = try await EngineBench(model: model, logger: logger)
        let (accepted, events) = try await bench.send("a secret word")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        let lines = try sink.lines.map { try JSON.parse($0) }.filter { $0["level"] == "warning" }
        #expect(lines.map { $0["message"] } == ["A model call failed", "A tool call failed"])
        #expect(lines.allSatisfy { $0["run.id"] == .string(accepted.runID.rawValue) })
        #expect(lines.first?["code"] == "model_unavailable" && lines.first?["model"] == "test-model" && lines.first?["retry_in_ms"] != nil)
        #expect(lines.last?["code"] == "unknown_tool" && lines.last?["tool"] == "gone")
        #expect(!sink.lines.contains { $0.contains("a secret word") })
    }

    @Test(arguments: StoreEngine.all) func `parallel tool calls run together and their results reach the model`(_ kind: StoreEngine)
        async throws
    {
        let tool = RecordingTool(Self.look)
        let model = ScriptedModel([.call([("look", ["n": 1]), ("look", ["n": 2])]), .say("done")])
        let bench = try await EngineBench(on: kind, model: model, tools: [tool])
        let (accepted, events) = try await bench.send("look twice")
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 2)
        #expect(model.requests.last?.turns.count == 4)
        #expect(events.types.count { $0 == "tool_result" } == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `the intent of a read that takes its time is in the log while it is under way, before its result`(_ kind: StoreEngine) async throws
    {
        let gate = AsyncStream<Void>.makeStream()
        let tool = RecordingTool(Self.look) { _ in
            for await _ in gate.stream { break }
            return ToolAttempt(.success(["ok": true]))
        }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("look", [:])]), .say("done")]), tools: [tool])
        let (accepted, events) = try await bench.send("look")
        await events.wait { events, _ in events.contains(where: Self.isIntent) }
        #expect(!events.types.contains("tool_result"))
        gate.continuation.yield()
        await events.waitForEnd(of: accepted.runID)
        #expect(events.events.count(where: Self.isIntent) == 1)
        #expect(events.types.count { $0 == "tool_result" } == 1)
        await bench.stop()
    }

    @Sendable private static func isIntent(_ event: LoggedEvent) -> Bool {
        guard case .step(let step) = try? event.data(), case .toolIntent = step.kind else { return false }
        return true
    }

    @Test(arguments: StoreEngine.all)
    func `a new session's message and its first question are one commit, and the question leaves after it`(_ kind: StoreEngine) async throws
    {
        let model = ScriptedModel([.hang()])
        let bench = try await EngineBench(on: kind, model: model)
        let before = bench.database.groupsCommitted
        let (accepted, events) = try await bench.send("hi")
        await model.waitForRequests(1)
        #expect(bench.database.groupsCommitted == before + 1)
        #expect(events.types == ["status", "message", "status", "step", "step"])
        #expect(model.requests.first?.turns == [.user("hi")])
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .running)
        #expect(run.startedAt != nil)
        #expect(try await bench.engine.stop(run))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `after a crash right after the message, its question is asked again as the second attempt`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.hang()])
        let bench = try await EngineBench(on: kind, model: hanging, folder: folder)
        let (accepted, _) = try await bench.send("go")
        await hanging.waitForRequests(1)
        await bench.crash()
        let again = try await EngineBench(on: kind, model: ScriptedModel([.say("went on")]), folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let attempts = events.events.compactMap { event -> Int? in
            guard case .step(let step) = try? event.data(), case .modelRequest = step.kind else { return nil }
            return step.attempt
        }
        // A store that is slow for a moment may have it asked once more; no number is used twice or left out.
        #expect(attempts.prefix(2) == [1, 2] && attempts == Array(1...attempts.count))
        #expect(try await again.run(accepted.runID)?.output == "went on")
        await again.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.30 an unknown tool and bad arguments are answered, never fatal`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel([.call([("plot_chart", [:])]), .malformedCall(tool: "look", arguments: "{oops"), .say("sorry")])
        let bench = try await EngineBench(on: kind, model: model, tools: [RecordingTool(Self.look)])
        let (accepted, events) = try await bench.send("plot")
        await events.waitForEnd(of: accepted.runID)
        #expect(events.types.last == "complete")
        guard case .tool(_, _, let envelope) = model.requests[1].turns.last else {
            return #expect(Bool(false), "no result reached the model")
        }
        #expect(String(decoding: envelope, as: UTF8.self).contains("look"))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S1.15 S1.16 a failed attempt is given up and asked again under a new message`(
        _ kind: StoreEngine
    )
        async throws
    {
        let model = ScriptedModel([
            .fail(ModelError(.unavailable, "cut", retryAfter: .milliseconds(1)), after: "Half an "), .say("Whole answer"),
        ])
        let bench = try await EngineBench(on: kind, model: model)
        let (accepted, events) = try await bench.send("hi")
        await model.waitForRequests(2)
        await events.waitForEnd(of: accepted.runID)
        #expect(events.types.contains("error"))
        #expect(try await bench.run(accepted.runID)?.output == "Whole answer")
        #expect(Set(try Self.deltaMessages(events)).count == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a rejected request ends the run with its code`(_ kind: StoreEngine) async throws {
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.fail(ModelError(.rejected, "bad key"))]))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let run = try await bench.run(accepted.runID)
        #expect(run?.status == .failed)
        #expect(run?.error?["code"] == "model_rejected")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.55 stop cuts a hanging model and ends the run as cancelled`(_ kind: StoreEngine) async throws
    {
        let model = ScriptedModel([.hang(after: "Let me think ")])
        let bench = try await EngineBench(on: kind, model: model)
        let (accepted, events) = try await bench.send("hi")
        await model.waitForRequests(1)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        #expect(events.types.last == "complete")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a critical call waits for a human, then leaves exactly once`(_ kind: StoreEngine) async throws {
        let tool = RecordingTool(Self.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", ["amount": 5])]), .say("paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        #expect(tool.received.isEmpty)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana"))
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `deciding twice the same way is once, the other way is refused`(_ kind: StoreEngine) async throws
    {
        let tool = RecordingTool(Self.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let approval = try #require(try await bench.pendingApprovals().first)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try? await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) } }
        }
        await #expect(throws: EngineError.self) { _ = try await bench.engine.decide(approval, ApprovalDecision(approve: false, by: "bob")) }
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1)
        #expect(events.types.count { $0 == "approval" } == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `an approval that nobody answers expires and the run goes on without the call`(
        _ kind: StoreEngine
    ) async throws {
        let tool = RecordingTool(Self.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("not paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let approval = try #require(try await bench.pendingApprovals().first)
        bench.clock.advance(by: .seconds(90_000))
        await #expect(throws: EngineError.self) { _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) }
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.isEmpty)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `runs of one session take turns, and the second sees the first answer`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel([.say("first answer"), .say("second answer")])
        let bench = try await EngineBench(on: kind, model: model)
        let (first, events) = try await bench.send("one")
        let second = try await bench.send("two", in: first.sessionID)
        await events.waitForEnd(of: second.runID)
        let starts = try Self.order(events)
        #expect(starts == [first.runID, first.runID, second.runID, second.runID])
        #expect(model.requests.last?.turns == [.user("one"), .assistant(text: "first answer", calls: []), .user("two")])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a run that waits for a human gives its turn up`(_ kind: StoreEngine) async throws {
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel([.call([("pay", [:])]), .say("still here")]),
            tools: [RecordingTool(Self.pay)]
        )
        let (first, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let second = try await bench.send("are you there?", in: first.sessionID)
        await events.waitForEnd(of: second.runID)
        #expect(try await bench.run(second.runID)?.output == "still here")
        #expect(try await bench.run(first.runID)?.status == .pendingApproval)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.11 after a crash a run goes on from its last event`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.call([("look", [:])]), .hang()])
        let bench = try await EngineBench(on: kind, model: hanging, tools: [RecordingTool(Self.look)], folder: folder)
        let (accepted, before) = try await bench.send("go")
        await hanging.waitForRequests(2)
        let seen = before.events.count
        await bench.crash()
        let tool = RecordingTool(Self.look)
        let again = try await EngineBench(on: kind, model: ScriptedModel([.say("went on")]), tools: [tool], folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output == "went on")
        #expect(tool.received.isEmpty)
        #expect(events.events.count > seen)
        await again.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.22 a known secret in an answer is masked in deltas and message alike`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel([.say("The key is hunter2-secret, keep it")]),
            secrets: ["hunter2-secret"]
        )
        let (accepted, events) = try await bench.send("tell")
        await events.waitForEnd(of: accepted.runID)
        for event in events.events { #expect(!String(decoding: event.envelope(language: "en"), as: UTF8.self).contains("hunter2")) }
        #expect(try Self.deltas(events) == "The key is •••, keep it")
        await bench.stop()
    }

    // MARK: Reading events

    static func deltas(_ events: EventCollector) throws -> String {
        try events.events.map { event in
            if case .content(_, let delta) = try event.data() { return delta }
            return ""
        }.joined()
    }

    static func deltaMessages(_ events: EventCollector) throws -> [MessageID] {
        try events.events.compactMap { event in
            if case .content(let id, _) = try event.data() { return id }
            return nil
        }
    }

    /// The runs in the order of their `running` and end events.
    static func order(_ events: EventCollector) throws -> [RunID] {
        try events.events.compactMap { event in
            switch try event.data() {
            case .status(let status) where status.status == "running": event.runID
            case .complete: event.runID
            default: nil
            }
        }
    }
}
