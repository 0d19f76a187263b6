import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// A new session that begins as a run's branch began (DESIGN §9.11).
@Suite(.timeLimit(.minutes(5))) struct ForkTests {
    /// A look, a note, then words.
    private static func replies(_ last: String = "done") -> [ScriptedModel.Reply] {
        [.call([("look", ["a": 1])], text: "First. "), .call([("note", ["n": 1])]), .say(last)]
    }

    private static func ended(_ bench: EngineBench, _ text: String = "go") async throws -> (Acceptance, EventCollector) {
        let (accepted, events) = try await bench.send(text)
        await events.waitForEnd(of: accepted.runID)
        return (accepted, events)
    }

    private static func follow(_ forked: Acceptance, _ bench: EngineBench) async throws -> EventCollector {
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: forked.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: forked.runID)
        return events
    }

    @Test(arguments: StoreEngine.all)
    func `recorded results are not asked for again, and the copy is told apart from what follows`(_ kind: StoreEngine) async throws {
        let tools = FaultScript.tools()
        let model = ScriptedModel(Self.replies() + [.say("otherwise")])
        let bench = try await EngineBench(on: kind, model: model, tools: tools)
        let (accepted, events) = try await Self.ended(bench)
        let results = events.events.filter { $0.type == "tool_result" }
        let forked = try await bench.fork(accepted.runID, from: try #require(results.last).number)
        let copy = try await Self.follow(forked, bench)
        await bench.stop()
        #expect(forked.sessionID != accepted.sessionID && forked.runID != accepted.runID)
        #expect(copy.numbers == Array(1...Int64(copy.numbers.count)))
        let taken = try copy.events.prefix(Int(forked.after)).map { try JSON.parse($0.envelope(language: "en")) }
        #expect(taken.allSatisfy { $0["copied_from"]?["session_id"] == .string(accepted.sessionID.rawValue) })
        #expect(!copy.events.dropFirst(Int(forked.after)).contains { $0.isCopy })
        // The same events in the same order, up to the last result.
        let originals = events.events.prefix { $0.number <= results.last?.number ?? 0 }
        #expect(taken.map { $0["copied_from"]?["event"]?.int } == originals.map(\.number))
        #expect(taken.map { $0["type"]?.string } == originals.map(\.type))
        #expect(tools.map(\.received.count) == [1, 0, 1], "a call left again")
        #expect(model.requests.count == 4)
        #expect(model.requests.last?.turns.count == model.requests[2].turns.count)
        #expect(try await copy.output(of: forked.runID) == "otherwise")
        try copy.isWhole(forked.runID)
    }

    @Test(arguments: StoreEngine.all) func `no name is the original's, and only what the fork itself asked for is paid by it`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel(Self.replies() + [.say("again")]),
            tools: FaultScript.tools()
        )
        let (accepted, events) = try await Self.ended(bench)
        let last = try #require(events.events.last { $0.type == "tool_result" })
        let forked = try await bench.fork(accepted.runID, from: last.number)
        let copy = try await Self.follow(forked, bench)
        let original = try #require(try await bench.run(accepted.runID)), run = try #require(try await bench.run(forked.runID))
        await bench.stop()
        let (before, after) = (Set(try events.names), Set(try copy.names))
        #expect(before.isDisjoint(with: after) && !after.isEmpty)
        #expect(original.usage.inputTokens == 30 && run.usage.inputTokens == 10)
    }

    @Test(arguments: StoreEngine.all, 1..<30) func `from any event a fork comes to an end, and repeats no recorded result`(
        _ kind: StoreEngine,
        _ number: Int64
    ) async throws {
        let tools = FaultScript.tools()
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: tools)
        let (accepted, events) = try await Self.ended(bench)
        guard number <= events.events.count else { return await bench.stop() }
        let before = tools.map(\.received.count)
        let taken = try events.events.prefix(Int(number)).map { try $0.data() }
        let recorded = Set(taken.compactMap { data -> CallID? in if case .toolResult(let event) = data { event.callID } else { nil } })
        let done = try events.calls.filter { recorded.contains($0.callID) }.map { "\($0.tool) \($0.params.text)" }
        do {
            let forked = try await bench.fork(accepted.runID, from: number)
            let copy = try await Self.follow(forked, bench)
            await bench.stop()
            try copy.isWhole(forked.runID, "forked at \(number)")
            #expect(copy.events.prefix(Int(forked.after)).count { $0.type == "tool_result" } == recorded.count)
            let again = zip(tools, before).flatMap { $0.received.dropFirst($1).map { "\($0.tool) \($0.arguments.text)" } }
            #expect(again.allSatisfy { !done.contains($0) }, "forked at \(number): \(again)")
            #expect(again.contains(#"note {"n":2}"#) != done.contains(#"note {"n":2}"#))
        } catch let error as EngineError {
            // Its message is the second event.
            #expect(error.code == .unknownEvent && number == 1)
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `a pending question is asked again, and each session has its own`(_ kind: StoreEngine)
        async throws
    {
        let tool = RecordingTool(FaultScript.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", ["n": 1])]), .say("paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let forked = try await bench.fork(accepted.runID, from: Int64(events.events.count))
        await bench.engine.waitUntilRest(of: forked.runID)
        let approvals = try await bench.pendingApprovals()
        #expect(Set(approvals.map(\.runID)) == [accepted.runID, forked.runID])
        #expect(Set(approvals.map(\.callID)).count == 2)
        let question = try #require(approvals.first { $0.runID == forked.runID })
        _ = try await bench.engine.decide(question, ApprovalDecision(approve: true, by: "ana"))
        let copy = try await Self.follow(forked, bench)
        #expect(try await copy.output(of: forked.runID) == "paid")
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        #expect(tool.received.map(\.id) == [question.callID])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `message, instructions, model and results can be others`(_ kind: StoreEngine) async throws {
        let (usual, other) = (ScriptedModel(Self.replies()), ScriptedModel([.say("by the other")]))
        let settings = ModelSettings(name: "other", provider: "test", model: "other-model")
        let bench = try await EngineBench(
            on: kind,
            model: usual,
            tools: FaultScript.tools(),
            configure: { $0.models = ["other": RunnableModel(settings: settings, provider: other)] }
        )
        let (accepted, events) = try await Self.ended(bench)
        let call = try #require(try events.calls.first { $0.tool == "look" })
        let first = try #require(events.events.first { $0.type == "tool_result" })
        let changes = ForkChanges(
            content: "go elsewhere",
            instructions: "You doubt.",
            model: "other",
            toolResults: [call.callID: ["seen": "x"]]
        )
        let forked = try await bench.fork(accepted.runID, from: first.number, changes)
        let copy = try await Self.follow(forked, bench)
        let request = try #require(other.requests.first)
        #expect(request.system == "You doubt." && request.settings.model == "other-model")
        #expect(request.turns.first == .user("go elsewhere"))
        guard case .tool(_, "look", let envelope)? = request.turns.last else { return #expect(Bool(false), "\(request.turns)") }
        #expect(try JSON.parse(envelope)["data"] == ["seen": "x"])
        #expect(try await copy.output(of: forked.runID) == "by the other")
        let session = try #require(try await SessionStore(database: bench.database).find(forked.sessionID, owner: nil))
        #expect(session.forkedFrom?["run_id"] == .string(accepted.runID.rawValue) && session.forkedFrom?["event"] == .int(first.number))
        #expect(session.forkedFrom?["changed"] == ["content", "instructions", "model", "tool_results"])
        let told = session.forkedFrom?["changes"]
        #expect(told?["content"] == ["was": "go", "now": "go elsewhere"])
        #expect(told?["instructions"]?["now"] == "You doubt." && told?["instructions"]?["was"]?.string?.isEmpty == false)
        #expect(told?["model"]?["now"] == "other" && told?["model"]?["was"]?.string?.isEmpty == false)
        let copied = try #require(try copy.calls.first { $0.tool == "look" })
        let result: JSON = ["call_id": .string(copied.callID.rawValue), "tool": "look", "was": ["ok": true], "now": ["seen": "x"]]
        #expect(told?["tool_results"] == [result])
        #expect(try await bench.run(forked.runID)?.changes == ["instructions": "You doubt.", "model": "other"])
        await bench.stop()
        // The original is as it was.
        #expect(try events.results(of: "look").map(\.data) == [["ok": true]])
    }

    @Test(arguments: StoreEngine.all, 1..<30) func `from any event it is told what may be otherwise, and that a fork takes`(
        _ kind: StoreEngine,
        _ number: Int64
    ) async throws {
        let model = ScriptedModel(Self.replies() + [.say("otherwise")])
        let bench = try await EngineBench(on: kind, model: model, tools: FaultScript.tools())
        let (accepted, events) = try await Self.ended(bench)
        let run = try #require(try await bench.run(accepted.runID))
        guard number > 1, number <= events.events.count else { return await bench.stop() }
        let ground = try await bench.engine.forkGround(of: run, at: number)
        #expect(ground.content == "go" && ground.instructions?.isEmpty == false && ground.model != nil)
        let results = try events.events.prefix(Int(number)).compactMap { event -> CallID? in
            if case .toolResult(let result) = try event.data() { result.callID } else { nil }
        }
        let finished = ground.calls.filter { $0.result != nil }.map(\.id)
        #expect(finished == results, "at \(number)")
        var changes = ForkChanges(content: "go on")
        for call in ground.calls { changes.toolResults[call.id] = "given" }
        if ground.goesOn {
            let forked = try await bench.fork(accepted.runID, from: number, changes)
            let copy = try await Self.follow(forked, bench)
            try copy.isWhole(forked.runID, "forked at \(number)")
        } else {
            await #expect(throws: EngineError.self) { _ = try await bench.fork(accepted.runID, from: number, changes) }
        }
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a fork that the node died on goes on with its changes`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.say("one"), .hang()]), folder: folder)
        let (accepted, _) = try await Self.ended(bench)
        let forked = try await bench.fork(accepted.runID, from: 2, ForkChanges(instructions: "You doubt."))
        await bench.engine.waitUntilGone(of: accepted.runID)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: forked.sessionID, after: 0, sink: events)
        await events.wait(for: .step, count: 2)
        await bench.crash()
        let model = ScriptedModel([.say("two")])
        let again = try await EngineBench(on: kind, model: model, folder: folder)
        let copy = try await Self.follow(forked, again)
        #expect(try await copy.output(of: forked.runID) == "two")
        #expect(model.requests.map(\.system) == ["You doubt."])
        await again.stop()
    }

    @Test(arguments: StoreEngine.all) func `the conversation before the run comes along, and nothing that was said beside it or later`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel([.say("A1"), .say("A2"), .say("A3"), .say("B2")])
        let bench = try await EngineBench(on: kind, model: model)
        let (first, events) = try await Self.ended(bench, "U1")
        var runs = [first]
        for text in ["U2", "U3"] {
            runs.append(try await bench.send(text, in: first.sessionID))
            await events.waitForEnd(of: runs.last?.runID ?? first.runID)
        }
        let forked = try await bench.fork(runs[1].runID, from: events.events.last?.number ?? 0, ForkChanges(content: "V2"), before: true)
        let copy = try await Self.follow(forked, bench)
        #expect(try copy.said == ["U1", "A1", "V2", "B2"])
        #expect(model.requests.last?.turns == [.user("U1"), .assistant(text: "A1", calls: []), .user("V2")])
        let store = RunStore(database: bench.database)
        let all = try await store.list(owner: nil, status: nil, session: nil, before: nil, limit: 50).map(\.id)
        #expect(all.count == 4 && all.contains(forked.runID))
        let inFork = try await store.list(owner: nil, status: nil, session: forked.sessionID, before: nil, limit: 50)
        #expect(inFork.count == 2 && inFork.allSatisfy { $0.status == .completed })
        let messages = try await MessageStore(database: bench.database).branch(
            forked.sessionID,
            endingAt: try #require(try await bench.log.ends(of: forked.sessionID).leaf),
            limit: 10
        )
        #expect(messages.map(\.content) == ["U1", "A1", "V2", "B2"])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `files come along, and stay when the original is deleted`(_ kind: StoreEngine) async throws {
        let large = String(repeating: "0123456789", count: 30_000)
        let tool = RecordingTool(FaultScript.look) { _ in ToolAttempt(.success(.string(large))) }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("look", [:])]), .say("a"), .say("b")]), tools: [tool])
        let (accepted, events) = try await Self.ended(bench)
        let result = try #require(events.events.last { $0.type == "tool_result" })
        let forked = try await bench.fork(accepted.runID, from: result.number)
        let copy = try await Self.follow(forked, bench)
        let names = try [events, copy].map { try $0.results(of: "look").first?.data?["file_id"]?.string ?? "" }
        #expect(names[0] != names[1])
        try await SessionStore(database: bench.database).delete(accepted.sessionID)
        bench.clock.advance(by: .seconds(7_200))
        _ = try await bench.engine.files.blobs?.sweep()
        #expect(try await bench.engine.files.find(FileID(trusted: names[0]), owner: nil) == nil)
        let file = try #require(try await bench.engine.files.find(FileID(trusted: names[1]), owner: nil))
        #expect(file.sessionID == forked.sessionID)
        #expect(try await bench.engine.files.read(file, at: 0, count: 400_000)?.count == large.utf8.count)
        #expect(try await bench.replay(forked.runID).differences.isEmpty)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a run that waits beside it does not go on in the fork`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel([.call([("pay", [:])]), .say("second"), .say("forked")])
        let bench = try await EngineBench(on: kind, model: model, tools: [RecordingTool(FaultScript.pay)])
        let (first, events) = try await bench.send("one")
        await events.wait { _, isIdle in isIdle }
        let second = try await bench.send("two", in: first.sessionID)
        await events.waitForEnd(of: second.runID)
        let forked = try await bench.fork(second.runID, from: 0, before: true)
        let copy = try await Self.follow(forked, bench)
        #expect(try copy.said == ["one", "two", "forked"])
        let runs = try await RunStore(database: bench.database).list(
            owner: nil,
            status: nil,
            session: forked.sessionID,
            before: nil,
            limit: 9
        )
        #expect(Set(runs.map(\.status)) == [.cancelled, .completed])
        #expect(try await bench.pendingApprovals().map(\.runID) == [first.runID])
        #expect(copy.numbers == Array(1...Int64(copy.numbers.count)))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what nobody knows of the original's calls, nobody knows of in the fork`(_ kind: StoreEngine)
        async throws
    {
        let note = RecordingTool(FaultScript.note) { _ in ToolAttempt(.failure("lost", code: "timeout"), failure: .timeout) }
        let model = ScriptedModel { request in
            if case .user? = request.turns.last { .call([("note", ["n": 1])]) } else { .say("well") }
        }
        let bench = try await EngineBench(on: kind, model: model, tools: [note])
        let (accepted, _) = try await Self.ended(bench)
        let forked = try await bench.fork(accepted.runID, from: 2)
        await bench.engine.waitUntilRest(of: forked.runID)
        #expect(try await bench.pendingApprovals().map(\.reason) == [.earlierUncertain])
        #expect(note.received.count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what cannot be forked is refused, with what to do`(_ kind: StoreEngine) async throws {
        let bench = try await EngineBench(on: kind, model: ScriptedModel(Self.replies()), tools: FaultScript.tools())
        let (accepted, events) = try await Self.ended(bench)
        let last = Int64(events.events.count)
        let call = CallID(trusted: "call_01ARZ3NDEKTSV4RRFFQ69G5FAV")
        let rows: [(Int64, ForkChanges, EngineError.Code, String)] = [
            (0, ForkChanges(), .unknownEvent, "from 1 to \(last)"), (last + 1, ForkChanges(), .unknownEvent, "from 1 to \(last)"),
            (1, ForkChanges(), .unknownEvent, "had not begun"), (2, ForkChanges(model: "nope"), .invalidChange, "no model nope"),
            (2, ForkChanges(instructions: "Hi $nobody"), .invalidChange, "nobody"),
            (last, ForkChanges(toolResults: [call: 1]), .invalidChange, "(look)"),
            (last, ForkChanges(instructions: "You doubt."), .invalidChange, "would do nothing"),
        ]
        for (number, changes, code, words) in rows {
            await #expect {
                _ = try await bench.fork(accepted.runID, from: number, changes)
            } throws: { error in
                let error = error as? EngineError
                return error?.code == code && error?.message.english.contains(words) == true
            }
        }
        #expect(try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 9).count == 1)
        await bench.stop()
    }
}

extension EngineBench {
    /// - Parameter before: From the last event before the model was asked.
    func fork(_ id: RunID, from event: Int64, _ changes: ForkChanges = ForkChanges(), before: Bool = false) async throws -> Acceptance {
        let run = try #require(try await run(id))
        var event = event
        if before {
            let own = try await log.pages.ofRun(id, session: run.sessionID)
            event = try own.first { try $0.data().asksModel }.map { $0.number - 1 } ?? event
        }
        return try await engine.fork(run, from: event, changes: changes, owner: run.owner)
    }
}

extension EventData {
    fileprivate var asksModel: Bool {
        guard case .step(let step) = self, case .modelRequest = step.kind else { return false }
        return true
    }
}

extension EventCollector {
    var calls: [ToolCallEvent] {
        get throws {
            try data.compactMap { data in
                guard case .toolCall(let call) = data else { return nil }
                return call
            }
        }
    }

    /// Every message, in order.
    var said: [String] {
        get throws {
            try data.compactMap { data in
                guard case .message(let message) = data else { return nil }
                return message.content
            }
        }
    }

    /// The names of everything.
    var names: [String] {
        get throws {
            try events.compactMap { $0.runID?.rawValue }
                + data.flatMap { data -> [String] in
                    switch data {
                    case .message(let message): [message.messageID.rawValue]
                    case .toolCall(let call): [call.callID.rawValue]
                    case .toolResult(let result): [result.callID.rawValue]
                    case .content(let id, _): [id.rawValue]
                    default: []
                    }
                }
        }
    }

    func output(of run: RunID) async throws -> String? {
        for event in events where event.runID == run {
            if case .complete(let end) = try event.data() { return end.output }
        }
        return nil
    }
}
