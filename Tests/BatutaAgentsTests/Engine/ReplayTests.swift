import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// A run's log is played again, with nothing leaving (DESIGN §9.11).
@Suite(.timeLimit(.minutes(5))) struct ReplayTests {
    @Test(arguments: StoreEngine.all) func `a run with calls, and its fork, replay the same without a call`(_ kind: StoreEngine)
        async throws
    {
        let tools = FaultScript.tools(), model = FaultScript.model()
        let bench = try await EngineBench(on: kind, model: model, tools: tools)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let forked = try await bench.fork(accepted.runID, from: 24)
        let copy = EventCollector()
        _ = try await bench.log.subscribe(to: forked.sessionID, after: 0, sink: copy)
        await copy.waitForEnd(of: forked.runID)
        let (asked, called) = (model.requests.count, tools.map(\.received.count))
        let last = try await bench.log.lastEvent(of: accepted.sessionID)
        for run in [accepted.runID, forked.runID] {
            let report = try await bench.replay(run)
            #expect(report.differences.isEmpty && report.events > 10, "\(report)")
        }
        #expect(model.requests.count == asked && tools.map(\.received.count) == called)
        #expect(try await bench.log.lastEvent(of: accepted.sessionID) == last)
        await bench.stop()
    }

    struct Life: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var replies: [ScriptedModel.Reply]
        var live: @Sendable (EngineBench, RunID, EventCollector, ScriptedModel) async throws -> Void
    }

    static let lives: [Life] = [
        Life(testDescription: "approved", replies: [.call([("pay", ["n": 1])]), .say("paid")]) { bench, run, events, _ in
            await events.wait { _, isIdle in isIdle }
            let approval = try #require(try await bench.pendingApprovals().first)
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, arguments: ["n": 2], note: "less", by: "ana"))
            await events.waitForEnd(of: run)
        },
        Life(testDescription: "rejected", replies: [.call([("pay", ["n": 1])]), .say("not paid")]) { bench, run, events, _ in
            await events.wait { _, isIdle in isIdle }
            let approval = try #require(try await bench.pendingApprovals().first)
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: false, by: "ana"))
            await events.waitForEnd(of: run)
        },
        Life(testDescription: "waiting for a human", replies: [.call([("pay", ["n": 1])])]) { _, _, events, _ in
            await events.wait { _, isIdle in isIdle }
        },
        Life(testDescription: "stopped while a human was asked", replies: [.call([("pay", ["n": 1])])]) { bench, run, events, _ in
            await events.wait { _, isIdle in isIdle }
            _ = try await bench.engine.stop(try #require(try await bench.run(run)))
        },
        Life(testDescription: "paused and resumed", replies: [.hang(after: "I "), .say("there")]) { bench, run, events, model in
            await model.waitForRequests(1)
            _ = try await bench.pause(run)
            try await bench.resume(run)
            await events.waitForEnd(of: run)
        },
        Life(testDescription: "stopped", replies: [.hang(after: "I ")]) { bench, run, _, model in
            await model.waitForRequests(1)
            _ = try await bench.engine.stop(try #require(try await bench.run(run)))
        },
        Life(
            testDescription: "tried again, then given up",
            replies: [.fail(ModelError(.unavailable, "away", retryAfter: .milliseconds(1))), .fail(ModelError(.rejected, "no"))]
        ) { _, run, events, _ in await events.waitForEnd(of: run) },
        Life(testDescription: "a call that nobody has", replies: [.call([("gone", ["n": 1])]), .say("well")]) { _, run, events, _ in
            await events.waitForEnd(of: run)
        },
        Life(
            testDescription: "a call with arguments that are no JSON",
            replies: [.malformedCall(tool: "note", arguments: "{n"), .say("well")]
        ) { _, run, events, _ in await events.waitForEnd(of: run) },
    ]

    @Test(arguments: StoreEngine.all, lives) func `whatever happened to a run, it replays the same`(_ kind: StoreEngine, _ life: Life)
        async throws
    {
        let model = ScriptedModel(life.replies)
        let bench = try await EngineBench(on: kind, model: model, tools: FaultScript.tools() + [RecordingTool(FaultScript.pay)])
        let (accepted, events) = try await bench.send("go")
        try await life.live(bench, accepted.runID, events, model)
        let report = try await bench.replay(accepted.runID)
        #expect(report.differences.isEmpty, "\(report.json)")
        await bench.stop()
    }

    /// What a later version of the project does otherwise.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The type of the event that differs first.
        var event: String
        var expected: JSON
        var got: JSON
        var edit: @Sendable (inout RunnableProject) -> Void
    }

    static let changes: [Change] = [
        Change(
            testDescription: "instructions",
            event: "step",
            expected: ["system": "You help."],
            got: ["system": "You doubt."],
            edit: { $0.agents["assistant"]?.definition.instructions = PromptTemplate(text: "You doubt.") }
        ),
        Change(
            testDescription: "model",
            event: "step",
            expected: ["model": "test-model"],
            got: ["model": "other-model"],
            edit: { $0.agents["assistant"]?.definition.model.model = "other-model" }
        ),
        Change(
            testDescription: "limit",
            event: "step",
            expected: ["action": "ask_model", "step": 2, "attempt": 1],
            got: [
                "action": "finish", "status": "failed", "code": "limit_model_calls",
                "message": "The run made 1 model calls; the limit is 1.",
            ],
            edit: { $0.agents["assistant"]?.definition.limits.modelCalls = 1 }
        ),
    ]

    @Test(arguments: StoreEngine.all, changes) func `the first difference says where, what was and what would be`(
        _ kind: StoreEngine,
        _ change: Change
    ) async throws {
        let folder = TemporaryFolder()
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: FaultScript.tools(), folder: folder)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        let model = FaultScript.model()
        let again = try await EngineBench(on: kind, model: model, tools: FaultScript.tools(), folder: folder, configure: change.edit)
        let report = try await again.replay(accepted.runID, with: .current)
        let first = try #require(report.differences.first)
        #expect(first.expected == change.expected && first.got == change.got, "\(report.json)")
        #expect(events.events.first { $0.number == first.event }?.type == change.event)
        #expect(model.requests.isEmpty)
        // Whoever may not read prompts learns that they differ.
        let told = try await again.replay(accepted.runID, with: .current, showsPrompts: false)
        #expect(told.differences.count == report.differences.count && !told.json.text.contains("You doubt."))
        await again.stop()
    }

    @Test func `a tool that has become critical would ask first`() async throws {
        let folder = TemporaryFolder()
        let bench = try await EngineBench(model: FaultScript.model(), tools: FaultScript.tools(), folder: folder)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        await bench.stop()
        var critical = FaultScript.note
        critical.effect = .critical
        let tools = [RecordingTool(FaultScript.look), RecordingTool(FaultScript.set), RecordingTool(critical)]
        let again = try await EngineBench(model: FaultScript.model(), tools: tools, folder: folder)
        let report = try await again.replay(accepted.runID, with: .current)
        let first = try #require(report.differences.first)
        #expect(first.expected["effect"] == "write" && first.got["effect"] == "critical" && first.got["tool"] == "note")
        await again.stop()
    }
}

extension EngineBench {
    func replay(_ id: RunID, with project: ReplayProject = .pinned, showsPrompts: Bool = true) async throws -> ReplayReport {
        try await engine.replay(try #require(try await run(id)), with: project, showsPrompts: showsPrompts)
    }
}
