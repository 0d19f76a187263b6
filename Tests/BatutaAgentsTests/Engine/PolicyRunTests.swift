import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Testing

/// Calls that policies look at before they leave.
@Suite(.timeLimit(.minutes(5))) struct PolicyRunTests {
    static let update = ToolDefinition(
        name: "update_budget",
        description: "Sets a budget.",
        parameters: [
            "type": "object", "properties": ["id": ["type": "string"], "daily_budget": ["type": "number"]], "required": ["daily_budget"],
        ],
        effect: .critical
    )
    static let campaign = ToolDefinition(name: "get_campaign", description: "Reads a campaign.", effect: .read)

    static let policy = PolicyDefinition(
        name: "budgets",
        tool: "update_*",
        facts: [PolicyDefinition.Fact(name: "campaign", tool: "get_campaign", arguments: ["id": "${params.id}"])],
        rules: [
            PolicyDefinition.Rule(
                condition: "params.daily_budget > facts.campaign.daily_budget * 2.0",
                consequence: .warn,
                words: "More than twice ${facts.campaign.daily_budget}"
            ),
            PolicyDefinition.Rule(condition: "params.daily_budget > 1000.0", consequence: .deny, words: "Never above 1000."),
        ],
        suggestedAction: "Look at the results of the week",
        approval: ApprovalTerms(roles: ["admin"], lifetime: .seconds(600))
    )

    /// A run whose model sets a budget, with the policy over it; agents cannot read campaigns themselves.
    private func bench(
        _ kind: StoreEngine,
        budget: JSON,
        now current: JSON = 50,
        _ definition: PolicyDefinition = Self.policy,
        reading: @escaping @Sendable (ToolCall) async -> ToolAttempt = { _ in ToolAttempt(.success(["daily_budget": 50, "name": "Winter"]))
        }
    ) async throws -> (EngineBench, RecordingTool, RecordingTool) {
        let tool = RecordingTool(Self.update), reader = RecordingTool(Self.campaign, answer: reading)
        let model = ScriptedModel([.call([("update_budget", ["id": "7", "daily_budget": budget])]), .say("Done")])
        let gate = try PolicyGate([definition], tools: ToolCatalog([tool, reader]))
        let bench = try await EngineBench(on: kind, model: model, tools: [tool], configure: { $0.policies = gate })
        return (bench, tool, reader)
    }

    @Test(arguments: StoreEngine.all) func `S2.42 a critical call that no rule minds leaves at once, and the log says why`(
        _ kind: StoreEngine
    )
        async throws
    {
        let (bench, tool, reader) = try await bench(kind, budget: 60)
        let (accepted, events) = try await bench.send("raise it")
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1 && reader.received.map(\.arguments) == [["id": "7"]])
        #expect(!events.types.contains("approval"))
        let notes = events.events.compactMap { event -> PolicyNote? in
            guard case .step(let step) = try? event.data(), case .policy(let note) = step.kind else { return nil }
            return note
        }
        #expect(notes.map(\.decision) == [.allowed] && notes.first?.policies == ["budgets"])
        #expect(notes.first?.facts["campaign"]?["name"] == "Winter")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `S2.36 S2.41 a warning asks, with the facts beside the question, and an approval lets it leave once`(
        _ kind: StoreEngine
    ) async throws {
        let (bench, tool, reader) = try await bench(kind, budget: 120)
        let (accepted, events) = try await bench.send("raise it")
        await events.wait(for: .approval)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.reason == .policy && approval.warnings == ["More than twice 50"])
        #expect(approval.suggestedAction == "Look at the results of the week")
        #expect(approval.facts == ["campaign": ["daily_budget": 50, "name": "Winter"]])
        #expect(approval.terms?.roles == ["admin"])
        #expect(approval.requestedAt.duration(to: approval.expiresAt) == .seconds(600))
        #expect(tool.received.isEmpty)
        let told = try #require(events.events.first { $0.type == "approval" })
        guard case .approval(let event) = try told.data() else { return #expect(Bool(false)) }
        #expect(event.facts == approval.facts && event.reason == .policy)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_admin"))
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1 && reader.received.count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a rule knows which schedule began the run, also after a crash`(_ kind: StoreEngine) async throws
    {
        let folder = TemporaryFolder()
        let rule = PolicyDefinition.Rule(
            condition: "run.schedule == 'auto_optimize' && params.daily_budget > 50.0",
            consequence: .deny,
            words: "Never at night."
        )
        let policy = PolicyDefinition(name: "night", tool: "update_*", rules: [rule])
        for schedule in ["auto_optimize", "other", nil] {
            let tool = RecordingTool(Self.update)
            let gate = try PolicyGate([policy], tools: ToolCatalog([tool]))
            let hanging = ScriptedModel([.hang()])
            let first = try await EngineBench(on: kind, model: hanging, tools: [tool], folder: folder, configure: { $0.policies = gate })
            let session = try first.engine.makeSession(owner: "usr_test", target: nil)
            var message = IncomingMessage(content: "raise it")
            message.schedule = schedule
            let accepted = try await first.engine.accept(message, in: session, isNew: true)
            await hanging.waitForRequests(1)
            await first.crash()
            let model = ScriptedModel([.call([("update_budget", ["id": "7", "daily_budget": 60])]), .say("Done")])
            let bench = try await EngineBench(on: kind, model: model, tools: [tool], folder: folder, configure: { $0.policies = gate })
            let events = EventCollector()
            _ = try await bench.log.subscribe(to: session.id, after: 0, sink: events)
            await events.waitForEnd(of: accepted.runID)
            #expect(tool.received.isEmpty == (schedule == "auto_optimize"), "\(schedule ?? "nil")")
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `a denial is the model's answer, and nobody is asked`(_ kind: StoreEngine) async throws {
        let (bench, tool, _) = try await bench(kind, budget: 5_000)
        let (accepted, events) = try await bench.send("raise it")
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.isEmpty && !events.types.contains("approval"))
        let results = events.events.compactMap { event -> ToolResult? in
            guard case .toolResult(let result) = try? event.data() else { return nil }
            return result.result
        }
        #expect(results.map(\.code) == ["refused_by_policy"])
        #expect(results.first?.error?.contains("Never above 1000.") == true)
        await bench.stop()
    }

    @Test func `a fact that cannot be had asks, and says what is not known`() async throws {
        let (bench, tool, _) = try await bench(.sqlite, budget: 60) { _ in ToolAttempt(.failure("the service is away", code: "http_503")) }
        let (_, events) = try await bench.send("raise it")
        await events.wait(for: .approval)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.warnings.first?.contains("campaign could not be checked: the service is away") == true, "\(approval.warnings)")
        #expect(tool.received.isEmpty && approval.facts.isEmpty)
        await bench.stop()
    }

    @Test func `edited arguments pass the policies again, on fresh facts`() async throws {
        let (bench, tool, reader) = try await bench(.sqlite, budget: 120)
        let (accepted, events) = try await bench.send("raise it")
        await events.wait(for: .approval)
        let approval = try #require(try await bench.pendingApprovals().first)
        let tooMuch = ApprovalDecision(approve: true, arguments: ["id": "7", "daily_budget": 2_000], by: "usr_admin")
        let refused = await #expect(throws: EngineError.self) { _ = try await bench.engine.decide(approval, tooMuch) }
        #expect(refused?.code == .refusedByPolicy && refused?.message.english.contains("Never above 1000.") == true)
        #expect(try await bench.pendingApprovals().count == 1 && reader.received.count == 2)
        let fitting = ApprovalDecision(approve: true, arguments: ["id": "7", "daily_budget": 200], by: "usr_admin")
        _ = try await bench.engine.decide(approval, fitting)
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.map(\.arguments) == [["id": "7", "daily_budget": 200]])
        await bench.stop()
    }

    @Test func `S2.48 a call that an agent makes of a tool under any name passes the gate, also for tools that only write`() async throws {
        let write = RecordingTool(ToolDefinition(name: "post_note", description: "Writes.", effect: .write))
        let policy = PolicyDefinition(
            name: "notes",
            tool: "*",
            rules: [PolicyDefinition.Rule(condition: "params.text.contains('secret')", consequence: .deny, words: "No secrets.")]
        )
        let model = ScriptedModel([
            .call([("post_note", ["text": "a secret"]), ("post_note", ["text": "a greeting"])]), .say("Done"),
        ])
        let gate = try PolicyGate([policy], tools: ToolCatalog([write]))
        let bench = try await EngineBench(model: model, tools: [write], configure: { $0.policies = gate })
        let (accepted, events) = try await bench.send("write")
        await events.waitForEnd(of: accepted.runID)
        #expect(write.received.map(\.arguments) == [["text": "a greeting"]])
        await bench.stop()
    }

    @Test func `a stop while facts are fetched ends the run, and nothing leaves`() async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        let (bench, tool, reader) = try await bench(.sqlite, budget: 60) { _ in
            for await _ in gate.stream {}
            return ToolAttempt(.success(["daily_budget": 50]))
        }
        let (accepted, events) = try await bench.send("raise it")
        await reader.waitForCalls(1)
        let run = try #require(try await bench.run(accepted.runID))
        _ = try await bench.engine.stop(run)
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.isEmpty && !events.types.contains("approval"))
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        gate.continuation.finish()
        await bench.stop()
    }

    @Test func `a replay of what policies decided finds no difference`() async throws {
        for budget in [60, 120, 5_000] as [JSON] {
            let (bench, _, _) = try await bench(.sqlite, budget: budget)
            let (accepted, events) = try await bench.send("raise it")
            if budget == 120 {
                await events.wait(for: .approval)
                let approval = try #require(try await bench.pendingApprovals().first)
                _ = try await bench.engine.decide(approval, ApprovalDecision(approve: false, by: "usr_admin"))
            }
            await events.waitForEnd(of: accepted.runID)
            let run = try #require(try await bench.run(accepted.runID))
            let report = try await bench.engine.replay(run, showsPrompts: true)
            #expect(report.differences.isEmpty, "\(report.json.text)")
            await bench.stop()
        }
    }
}
