import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// A call whose answer was lost, and whose `settle` could not find out what became of it: a person is asked, whatever the tool's effect.
@Suite(.timeLimit(.minutes(2))) struct SettlingQuestionTests {
    private static let once = RetryPolicy(attempts: 1)

    @Test(arguments: StoreEngine.all, [ToolEffect.write, .critical])
    func `PROJECT settle: the read fails, and a human is asked`(_ kind: StoreEngine, _ effect: ToolEffect) async throws {
        let definition = ToolDefinition(name: "create", description: "Creates.", effect: effect, retry: Self.once, settles: true)
        let calls = Counter()
        // Nobody can be asked about it: its settling tool is not there.
        let tool = RecordingTool(definition) { _ in
            calls.next() > 0 ? ToolAttempt(.success(["id": 2])) : ToolAttempt(.failure("502", code: "server_error"), failure: .serverError)
        }
        let model = ScriptedModel([.call([("create", [:])]), .say("done")])
        let policies = try PolicyGate([PolicyDefinition(name: "all", tool: "create")], tools: ToolCatalog([tool]))
        let bench = try await EngineBench(on: kind, model: model, tools: [tool], configure: { $0.policies = policies })
        let (accepted, events) = try await bench.send("go")
        await DoubtTests.waitForQuestion(events, of: accepted.runID)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.reason == .uncertainEffect && approval.tool == "create" && tool.received.count == 1)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        #expect(tool.received.count == 2, "a person had it repeated")
        await bench.stop()
    }

    /// As before: the model is told, and may look for itself.
    @Test func `a write without settle asks nobody`() async throws {
        let definition = ToolDefinition(name: "create", description: "Creates.", effect: .write, retry: Self.once)
        let tool = RecordingTool(definition) { _ in ToolAttempt(.failure("502", code: "server_error"), failure: .serverError) }
        let model = ScriptedModel([.call([("create", [:])]), .say("done")])
        let bench = try await EngineBench(model: model, tools: [tool])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.pendingApprovals().isEmpty)
        #expect(model.requests.last?.lastTurn.contains("uncertain_effect") == true)
        await bench.stop()
    }
}
