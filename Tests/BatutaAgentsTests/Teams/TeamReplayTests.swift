import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// Teams replay bit for bit, members included.
@Suite(.timeLimit(.minutes(5))) struct TeamReplayTests {
    private static func expectSame(_ bench: EngineBench, _ count: Int) async throws {
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 20)
        #expect(runs.count == count)
        for run in runs {
            let report = try await bench.replay(run.id)
            #expect(report.differences.isEmpty && report.events > 3, "\(run.agent): \(report)")
        }
    }

    private static func ledTeam(_ mode: String, _ tool: RecordingTool, _ model: ScriptedModel) async throws -> EngineBench {
        try await TeamBench.make(
            ["teams/ads.yaml": "mode: \(mode)\nleader: manager\nmembers: [creator, analyzer]\n"],
            default: "team:ads",
            agents: ["manager": "", "creator": "tools: [pay]", "analyzer": ""],
            tools: [tool],
            model: model
        )
    }

    @Test(arguments: ["coordinate", "route", "collaborate"]) func `a led team that waited for a person replays the same`(_ mode: String)
        async throws
    {
        let tool = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let model = ScriptedModel { request in
            if request.answersCalls || request.agent == "analyzer" { return .say("\(request.agent) is done") }
            if request.agent == "creator" { return .call([("pay", [:])]) }
            return mode == "collaborate" ? .say("All done.") : .call([("delegate", ["member": "creator", "task": "work"])])
        }
        let bench = try await Self.ledTeam(mode, tool, model)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        try await Self.expectSame(bench, mode == "collaborate" ? 3 : 2)
        await bench.stop()
    }

    @Test func `a team that was paused and went on replays the same`() async throws {
        let isSlow = Flag(true)
        let model = ScriptedModel { request in
            if request.agent == "manager" {
                return request.answersCalls ? .say("Done.") : .call([("delegate", ["member": "creator", "task": "work"])])
            }
            return isSlow.value ? .hang(after: "Let me") : .say("done")
        }
        let bench = try await Self.ledTeam(
            "coordinate",
            RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical)),
            model
        )
        let (accepted, events) = try await bench.send("go")
        await model.waitForRequests(2)
        #expect(try await bench.pause(accepted.runID))
        await events.wait { _, isIdle in isIdle }
        isSlow.set(false)
        try await bench.resume(accepted.runID)
        await events.waitForEnd(of: accepted.runID)
        try await Self.expectSame(bench, 2)
        await bench.stop()
    }

    private static let graph = """
        mode: graph
        start: plan
        nodes:
          plan: { agent: planner }
          ask:  { human: { question: "Go?", fields: { channel: { enum: [blog, mail] } } } }
          write: { agent: writer, input: "${results.ask.channel}" }
        edges:
          - { from: plan, to: ask }
          - { from: ask, to: write, when: "output.channel == 'blog'" }
        """

    private static func graphBench(_ yaml: String = graph) async throws -> EngineBench {
        try await TeamBench.make(
            ["teams/office.yaml": yaml],
            default: "team:office",
            agents: ["planner": "", "writer": ""],
            model: ScriptedModel { .say("\($0.agent)<\($0.lastTurn)>") }
        )
    }

    @Test func `a graph with a person's answer replays the same`() async throws {
        let bench = try await Self.graphBench()
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, arguments: ["channel": "blog"], by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "writer<blog>")
        try await Self.expectSame(bench, 3)
        await #expect { _ = try await bench.replay(accepted.runID, with: .current) } throws: {
            ($0 as? EngineError)?.code == .notComparable
        }
        await bench.stop()
    }

    @Test func `a graph that failed because an edge could not be decided replays the same`() async throws {
        let yaml = Self.graph.replacing("output.channel == 'blog'", with: "output.channel > 7")
        let bench = try await Self.graphBench(yaml)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, arguments: ["channel": "blog"], by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "graph_error")
        try await Self.expectSame(bench, 2)
        await bench.stop()
    }
}
