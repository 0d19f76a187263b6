import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// An agent as a tool: what holds of every tool holds of it, whoever answers.
@Suite(.timeLimit(.minutes(5))) struct AgentToolTests {
    private static func bench(
        _ effect: ToolEffect = .read,
        on kind: StoreEngine = .sqlite,
        folder: TemporaryFolder = TemporaryFolder(),
        analyzerTools: String = "",
        model: ScriptedModel
    ) async throws -> EngineBench {
        let definition = ToolDefinition(
            name: "ask_analyzer",
            description: "Asks the analyzer.",
            parameters: AgentTool.parameters,
            effect: effect
        )
        return try await TeamBench.make(
            on: kind,
            [:],
            default: "agent:manager",
            agents: ["manager": "tools: [ask_analyzer]", "analyzer": analyzerTools],
            tools: [try AgentTool(AgentToolDefinition(definition: definition, target: "agent:analyzer"), clock: ManualClock())],
            folder: folder,
            model: model
        )
    }

    /// The manager asks once, and says what it was told.
    private static func model(_ arguments: JSON = ["input": "Inverno"], _ analyzer: @escaping @Sendable () -> ScriptedModel.Reply)
        -> ScriptedModel
    {
        ScriptedModel { request in
            if request.agent == "analyzer" { return analyzer() }
            return request.answersCalls ? .say(request.lastTurn) : .call([("ask_analyzer", arguments)])
        }
    }

    private static func below(_ root: RunID, _ bench: EngineBench) async throws -> [Run] {
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 100)
        return runs.filter { $0.parentRunID == root }
    }

    @Test func `its failure is a failed result with its code, and the caller goes on`() async throws {
        let bench = try await Self.bench(model: Self.model { .fail(ModelError(.rejected, "No such model.")) })
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed)
        let told = try JSON.parse(run.output ?? "")
        #expect(told["success"] == false && told["code"] == "model_rejected" && told["error"]?.string?.contains("No such model.") == true)
        await bench.stop()
    }

    @Test(arguments: [[:], ["input": ""], ["question": "How?"]] as [JSON])
    func `arguments that do not fit are refused before anybody is asked`(_ arguments: JSON) async throws {
        let model = Self.model(arguments) { .say("never") }
        let bench = try await Self.bench(model: model)
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output?.contains("invalid_arguments") == true)
        #expect(!model.requests.contains { $0.agent == "analyzer" })
        #expect(try await Self.below(accepted.runID, bench).isEmpty)
        await bench.stop()
    }

    @Test(arguments: [true, false]) func `a critical one asks a person before it begins`(_ approves: Bool) async throws {
        let model = Self.model { .say("CTR is 2%") }
        let bench = try await Self.bench(.critical, model: model)
        let (accepted, events) = try await bench.send("How is it going?")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        #expect(!model.requests.contains { $0.agent == "analyzer" })
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.tool == "ask_analyzer" && approval.runID == accepted.runID)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: approves, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.count { $0.agent == "analyzer" } == (approves ? 1 : 0))
        #expect(try await bench.run(accepted.runID)?.output?.contains("CTR is 2%") == approves)
        await bench.stop()
    }

    @Test func `S3.55 a stop of the caller reaches it, and a stop of it alone is a failed result`() async throws {
        for stopsCaller in [true, false] {
            let model = Self.model { .hang(after: "Well") }
            let bench = try await Self.bench(model: model)
            let (accepted, events) = try await bench.send("How is it going?")
            await model.waitForRequests(2)
            let member = try #require(try await Self.below(accepted.runID, bench).first)
            let caller = try #require(try await bench.run(accepted.runID))
            #expect(try await bench.engine.stop(stopsCaller ? caller : member))
            await events.waitForEnd(of: accepted.runID)
            #expect(try await bench.run(member.id)?.status == .cancelled)
            let run = try #require(try await bench.run(accepted.runID))
            #expect(run.status == (stopsCaller ? .cancelled : .completed))
            if !stopsCaller { #expect(run.output?.contains("stopped") == true) }
            #expect(events.events.last?.runID == accepted.runID)
            await bench.stop()
        }
    }

    @Test func `what it says at length is kept whole, and shown in part`() async throws {
        let long = String(repeating: "a long answer ", count: 40_000)
        let model = Self.model { .say(long) }
        let bench = try await Self.bench(model: model)
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        let result = try #require(events.data(of: .toolResult).first)
        #expect(result["data"]?["truncated"] == true && result["data"]?["size"] == .int(long.utf8.count))
        #expect(result["data"]?["file_id"]?.string?.hasPrefix("fil_") == true && result.bytes.count < 300_000)
        #expect(model.requests.allSatisfy { $0.lastTurn.utf8.count < 400_000 })
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        await bench.stop()
    }

    @Test func `who asks itself is told that it goes too deep`() async throws {
        let model = ScriptedModel { request in
            request.answersCalls ? .say(request.lastTurn) : .call([("ask_analyzer", ["input": "Again"])])
        }
        let bench = try await Self.bench(analyzerTools: "tools: [ask_analyzer]", model: model)
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        #expect(events.data(of: .toolResult).contains { $0["code"] == "too_deep" || $0["error"]?.string?.contains("deep") == true })
        #expect(model.requests.count < 60)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.11 after a crash it goes on in its own run`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let hanging = Self.model { .hang(after: "Well") }
        let bench = try await Self.bench(.write, on: kind, folder: folder, model: hanging)
        let (accepted, _) = try await bench.send("How is it going?")
        await hanging.waitForRequests(2)
        let member = try #require(try await Self.below(accepted.runID, bench).first)
        await bench.crash()
        let again = try await Self.bench(.write, on: kind, folder: folder, model: Self.model { .say("CTR is 2%") })
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output?.contains("CTR is 2%") == true)
        #expect(try await Self.below(accepted.runID, again).map(\.id) == [member.id])
        await again.stop()
    }
}
