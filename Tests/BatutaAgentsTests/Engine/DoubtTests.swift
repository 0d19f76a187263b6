import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// A call of which nobody knows whether it had its effect stays in doubt for its conversation, until a person decides (DESIGN §2, promise 4).
@Suite(.timeLimit(.minutes(5))) struct DoubtTests {
    static let order = ToolDefinition(name: "order", description: "Orders.", effect: .write)
    static let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)

    static func call(_ tool: String, _ arguments: JSON = ["item": "pizza"]) -> ScriptedModel.Reply { .call([(tool, arguments)]) }

    /// Hangs in its first call, and answers afterwards.
    static func hangingOnce(_ definition: ToolDefinition = order) -> RecordingTool {
        let first = Mutex<Bool?>(true)
        return RecordingTool(definition) { _ in
            guard first.withLock({ $0.take() }) != nil else { return ToolAttempt(.success(["ok": true])) }
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
        }
    }

    /// A conversation whose first run was stopped while its call was under way.
    static func inDoubt(
        _ tool: RecordingTool,
        _ replies: [ScriptedModel.Reply],
        arguments: JSON = ["item": "pizza"],
        secrets: [String] = [],
        language: String = "en"
    ) async throws -> (bench: EngineBench, model: ScriptedModel, session: SessionID, events: EventCollector) {
        let model = ScriptedModel([call(tool.definition.name, arguments)] + replies)
        let bench = try await EngineBench(model: model, tools: [tool], secrets: secrets, configure: { $0.language = language })
        let (accepted, events) = try await bench.send("order")
        await tool.waitForCalls(1)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        return (bench, model, accepted.sessionID, events)
    }

    static func waitForQuestion(_ events: EventCollector, of run: RunID) async {
        await events.wait { events, _ in
            events.contains { event in
                guard event.runID == run, case .status(let status) = try? event.data() else { return false }
                return status.status == RunStatus.pendingApproval.rawValue
            }
        }
    }

    static func context(_ events: EventCollector, of run: RunID) -> (notes: [String], doubts: [UncertainCall])? {
        for event in events.events where event.runID == run {
            if case .step(let step) = try? event.data(), case .context(_, _, let notes, let doubts, _) = step.kind {
                return (notes, doubts)
            }
        }
        return nil
    }

    @Test func `the next turn is told of a call that was cut, and the same tool asks before it leaves again`() async throws {
        let tool = Self.hangingOnce()
        let (bench, model, session, events) = try await Self.inDoubt(tool, [Self.call("order", ["item": "tea"]), .say("asked")])
        let next = try await bench.send("order again", in: session)
        await Self.waitForQuestion(events, of: next.runID)
        #expect(tool.received.count == 1)
        let told = try #require(Self.context(events, of: next.runID))
        #expect(told.doubts.map(\.tool) == ["order"])
        #expect(told.notes.count == 1 && told.notes.allSatisfy { $0.contains(#"order {"item":"pizza"}"#) })
        #expect(model.requests[1].turns.contains(.assistant(text: told.notes[0], calls: [])))
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.reason == .earlierUncertain && approval.params == ["item": "tea"])
        #expect(approval.warnings.count == 1 && approval.warnings[0].contains(#"order {"item":"pizza"}"#))
        #expect(approval.suggestedAction == "Look whether the earlier call happened. Approve to make this call, reject to leave it.")
        await bench.stop()
    }

    @Test(arguments: [true, false])
    func `a person's decision settles the doubt for the rest of the conversation`(_ approve: Bool) async throws {
        let tool = Self.hangingOnce()
        let (bench, model, session, events) = try await Self.inDoubt(
            tool,
            [
                Self.call("order"), Self.call("order", ["item": "tea"]), .say("done"), Self.call("order", ["item": "cake"]),
                .say("done again"),
            ]
        )
        let next = try await bench.send("again", in: session)
        await Self.waitForQuestion(events, of: next.runID)
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: approve, by: "ana"))
        await events.waitForEnd(of: next.runID)
        let third = try await bench.send("and again", in: session)
        await events.waitForEnd(of: third.runID)
        #expect(tool.received.count == (approve ? 4 : 3))
        #expect(Self.context(events, of: third.runID)?.doubts == [])
        #expect(model.requests.count == 6)
        await bench.stop()
    }

    @Test func `a question that nobody answered settles nothing`() async throws {
        let tool = Self.hangingOnce()
        let (bench, _, session, events) = try await Self.inDoubt(tool, [Self.call("order"), .say("no"), Self.call("order"), .say("no")])
        let next = try await bench.send("again", in: session)
        await Self.waitForQuestion(events, of: next.runID)
        let approval = try #require(try await bench.pendingApprovals().first)
        bench.clock.advance(by: .seconds(90_000))
        await #expect(throws: EngineError.self) { _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) }
        await events.waitForEnd(of: next.runID)
        let third = try await bench.send("and again", in: session)
        await Self.waitForQuestion(events, of: third.runID)
        #expect(tool.received.count == 1)
        await bench.stop()
    }

    @Test func `a call that a crash cut is in doubt for later turns too`() async throws {
        let folder = TemporaryFolder()
        let hanging = Self.hangingOnce()
        let before = try await EngineBench(model: ScriptedModel([Self.call("order")]), tools: [hanging], folder: folder)
        let (accepted, _) = try await before.send("order")
        await hanging.waitForCalls(1)
        await before.crash()
        let tool = RecordingTool(Self.order)
        let bench = try await EngineBench(model: ScriptedModel([.say("who knows"), Self.call("order")]), tools: [tool], folder: folder)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let next = try await bench.send("again", in: accepted.sessionID)
        await Self.waitForQuestion(events, of: next.runID)
        #expect(tool.received.isEmpty)
        await bench.stop()
    }

    @Test(arguments: [
        ToolDefinition(name: "order", description: "Orders.", effect: .write, idempotent: true),
        ToolDefinition(name: "order", description: "Orders.", effect: .read),
    ])
    func `what does no harm twice leaves without a question`(_ definition: ToolDefinition) async throws {
        let (bench, _, session, events) = try await Self.inDoubt(Self.hangingOnce(definition), [Self.call("order"), .say("done")])
        let next = try await bench.send("again", in: session)
        await events.waitForEnd(of: next.runID)
        #expect(try await bench.pendingApprovals().isEmpty)
        await bench.stop()
    }

    @Test func `a doubt of one branch is one of every branch: the world outside knows none`() async throws {
        let (bench, _, session, events) = try await Self.inDoubt(Self.hangingOnce(), [Self.call("order"), .say("done")])
        let row = try #require(try await SessionStore(database: bench.database).find(session, owner: nil))
        let other = try await bench.engine.accept(IncomingMessage(content: "from the start", place: .after(nil)), in: row)
        await Self.waitForQuestion(events, of: other.runID)
        #expect(Self.context(events, of: other.runID)?.doubts.map(\.tool) == ["order"])
        #expect(try await bench.pendingApprovals().map(\.reason) == [.earlierUncertain])
        await bench.stop()
    }

    @Test func `a question after a doubt is kept in the project's language, and told in the reader's`() async throws {
        let (bench, _, session, events) = try await Self.inDoubt(Self.hangingOnce(), [Self.call("order")], language: "pt-BR")
        let next = try await bench.send("de novo", in: session)
        await Self.waitForQuestion(events, of: next.runID)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.warnings.first?.hasPrefix("Não se sabe se uma chamada anterior surtiu efeito: order {") == true)
        #expect(approval.suggestedAction?.contains("Aprove para fazer esta chamada") == true)
        #expect(approval.json(in: .english)["warnings"]?[0]?.string?.hasPrefix("Nobody knows whether an earlier call") == true)
        #expect(approval.json(in: .english)["doubts"]?[0]?["tool"] == "order")
        let event = try #require(events.events.last { $0.type == "approval" })
        #expect(String(decoding: event.envelope(language: "en"), as: UTF8.self).contains("Nobody knows whether an earlier call"))
        await bench.stop()
    }

    @Test func `a critical call names the earlier one that is in doubt beside its own question`() async throws {
        let model = ScriptedModel([Self.call("pay", ["amount": 5]), Self.call("pay", ["amount": 5])])
        let tool = Self.hangingOnce(Self.pay)
        let bench = try await EngineBench(model: model, tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await Self.waitForQuestion(events, of: accepted.runID)
        _ = try await bench.engine.decide(
            try #require(try await bench.pendingApprovals().first),
            ApprovalDecision(approve: true, by: "ana")
        )
        await tool.waitForCalls(1)
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        let next = try await bench.send("again", in: accepted.sessionID)
        await Self.waitForQuestion(events, of: next.runID)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.reason == .criticalTool && approval.warnings.count == 1)
        await bench.stop()
    }

    @Test func `a run that waited learns what a later one left in doubt`() async throws {
        let order = Self.hangingOnce()
        let model = ScriptedModel([Self.call("pay", ["amount": 5]), Self.call("order"), Self.call("order", ["item": "tea"])])
        let bench = try await EngineBench(model: model, tools: [RecordingTool(Self.pay), order])
        let (first, events) = try await bench.send("pay, then order")
        await Self.waitForQuestion(events, of: first.runID)
        let second = try await bench.send("order meanwhile", in: first.sessionID)
        await order.waitForCalls(1)
        #expect(try await bench.engine.stop(try #require(try await bench.run(second.runID))))
        _ = try await bench.engine.decide(
            try #require(try await bench.pendingApprovals().first),
            ApprovalDecision(approve: true, by: "ana")
        )
        await events.wait { events, _ in events.count { $0.type == "approval" } == 3 }
        #expect(try await bench.pendingApprovals().map(\.reason) == [.earlierUncertain])
        #expect(order.received.count == 1)
        await bench.stop()
    }

    @Test func `what is told of a call is masked and short`() async throws {
        let long = String(repeating: "pizza ", count: 100)
        let (bench, _, session, events) = try await Self.inDoubt(
            Self.hangingOnce(),
            [Self.call("order")],
            arguments: ["key": "hunter2-secret", "items": .string(long)],
            secrets: ["hunter2-secret"]
        )
        let next = try await bench.send("again", in: session)
        await Self.waitForQuestion(events, of: next.runID)
        let warning = try #require(try await bench.pendingApprovals().first?.warnings.first)
        #expect(warning.contains("•••") && !warning.contains("hunter2") && warning.contains("…") && warning.count < 320)
        await bench.stop()
    }

    @Test func `a conversation without doubts keeps no row of them`() async throws {
        let bench = try await EngineBench(model: ScriptedModel([Self.call("order"), .say("done")]), tools: [RecordingTool(Self.order)])
        let (accepted, events) = try await bench.send("order")
        await events.waitForEnd(of: accepted.runID)
        let rows = try await bench.database.read { try $0.first("SELECT COUNT(*) FROM runs WHERE doubts IS NOT NULL") { $0.int(0) } }
        #expect(rows == 0)
        await bench.stop()
    }
}
