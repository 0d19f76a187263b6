import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// Forks of what a team did: recorded answers of members are not asked for again.
@Suite(.timeLimit(.minutes(5))) struct TeamForkTests {
    private static func follow(_ forked: Acceptance, _ bench: EngineBench) async throws -> EventCollector {
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: forked.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: forked.runID)
        return events
    }

    private static func ledTeam(on kind: StoreEngine = .sqlite, _ model: ScriptedModel) async throws -> EngineBench {
        try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [creator, analyzer]\n"],
            default: "team:ads",
            agents: ["manager": "", "creator": "", "analyzer": ""],
            model: model
        )
    }

    private static func leading(_ request: ModelRequest) -> ScriptedModel.Reply {
        guard request.agent == "manager" else { return .say("\(request.agent) did it") }
        if request.answersCalls { return .say("All done.") }
        return .call(["creator", "analyzer"].map { ("delegate", ["member": .string($0), "task": "work"]) })
    }

    @Test(arguments: StoreEngine.all) func `a led team goes on from its members' recorded answers`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel(rule: Self.leading)
        let bench = try await Self.ledTeam(on: kind, model)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let asked = model.requests.count
        let last = try #require(events.events.last { $0.type == "tool_result" && $0.runID == accepted.runID })
        let forked = try await bench.fork(accepted.runID, from: last.number)
        let copy = try await Self.follow(forked, bench)
        #expect(try await bench.run(forked.runID)?.output == "All done.")
        #expect(model.requests.dropFirst(asked).map(\.agent) == ["manager"])
        #expect(try copy.results(of: "delegate").map(\.success) == [true, true])
        await bench.stop()
    }

    @Test func `a led team whose members had no answer yet asks them anew, as runs of the fork`() async throws {
        let model = ScriptedModel(rule: Self.leading)
        let bench = try await Self.ledTeam(model)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let last = try #require(events.events.last { $0.type == "tool_call" && $0.runID == accepted.runID })
        let forked = try await bench.fork(accepted.runID, from: last.number)
        _ = try await Self.follow(forked, bench)
        #expect(try await bench.run(forked.runID)?.output == "All done.")
        let runs = try await RunStore(database: bench.database).list(
            owner: nil,
            status: nil,
            session: forked.sessionID,
            before: nil,
            limit: 10
        )
        #expect(runs.count == 3 && runs.allSatisfy { $0.rootRunID == forked.runID && $0.status == .completed })
        await bench.stop()
    }

    @Test func `a graph goes on from the node that had its answer`() async throws {
        let graph = """
            mode: graph
            start: plan
            nodes:
              plan:  { agent: planner }
              facts: { tool: facts }
              write: { agent: writer }
            edges:
              - { from: plan, to: facts }
              - { from: facts, to: write }
              - { from: write, to: end }
            """
        let tool = RecordingTool(ToolDefinition(name: "facts", description: "Finds facts.", effect: .read))
        let model = ScriptedModel { .say("\($0.agent) did it") }
        let bench = try await TeamBench.make(
            ["teams/office.yaml": graph],
            default: "team:office",
            agents: ["planner": "", "writer": ""],
            tools: [tool],
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let found = try #require(
            events.events.last { $0.type == "tool_result" && $0.agent == "office" } ?? events.events.last { $0.type == "tool_result" }
        )
        let first = try #require(events.events.first { $0.type == "tool_result" })
        #expect(found.number > first.number)
        let forked = try await bench.fork(accepted.runID, from: first.number)
        _ = try await Self.follow(forked, bench)
        #expect(try await bench.run(forked.runID)?.output == "writer did it")
        #expect(model.requests.map(\.agent) == ["planner", "writer", "writer"])
        #expect(tool.received.count == 2)
        await bench.stop()
    }

    @Test(arguments: [ForkChanges(instructions: "Be brief."), ForkChanges(model: "default")])
    func `instructions and models, of which a graph has none, are refused with what can be changed`(_ changes: ForkChanges) async throws {
        let model = ScriptedModel { .say("\($0.agent) did it") }
        let graph = "mode: graph\nstart: plan\nnodes: { plan: { agent: planner } }\nedges: [{ from: plan, to: end }]\n"
        let bench = try await TeamBench.make(["teams/office.yaml": graph], default: "team:office", agents: ["planner": ""], model: model)
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let begin = try #require(events.events.first { $0.type == "tool_call" }).number
        let refusal = await #expect(throws: EngineError.self) { _ = try await bench.fork(accepted.runID, from: begin, changes) }
        #expect(refusal?.code == .invalidChange && refusal?.message.english.contains("office is a graph") == true)
        #expect(refusal?.message.portuguese.contains("agents/planner.md") == true)
        let forked = try await bench.fork(accepted.runID, from: begin, ForkChanges(content: "go slowly"))
        _ = try await Self.follow(forked, bench)
        #expect(model.requests.last?.lastTurn == "go slowly")
        await bench.stop()
    }

    private static let asking = """
        mode: graph
        start: plan
        nodes:
          plan:  { agent: planner }
          ask:   { human: { question: "Go?" } }
          write: { agent: writer }
        edges:
          - { from: plan, to: ask }
          - { from: ask, to: write }
        """

    @Test func `a graph that asks a person is asked anew, and its fork goes on with its own answer`() async throws {
        let bench = try await TeamBench.make(
            ["teams/office.yaml": Self.asking],
            default: "team:office",
            agents: ["planner": "", "writer": ""],
            model: ScriptedModel { .say("\($0.agent) did it") }
        )
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let forked = try await bench.fork(accepted.runID, from: events.numbers.last ?? 0)
        let copy = EventCollector()
        _ = try await bench.log.subscribe(to: forked.sessionID, after: 0, sink: copy)
        await copy.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first { $0.runID == forked.runID })
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        await copy.waitForEnd(of: forked.runID)
        #expect(try await bench.run(forked.runID)?.output == "writer did it")
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        await bench.stop()
    }

    @Test func `a graph whose member was at work lets a run of the fork's own do it`() async throws {
        let isSlow = Flag(true)
        let model = ScriptedModel { request in
            request.agent == "writer" && isSlow.value ? .hang(after: "Well") : .say("\(request.agent) did it")
        }
        let bench = try await TeamBench.make(
            [
                "teams/office.yaml":
                    "mode: graph\nstart: plan\nnodes: { plan: { agent: planner }, write: { agent: writer } }\nedges: [{ from: plan, to: write }]\n"
            ],
            default: "team:office",
            agents: ["planner": "", "writer": ""],
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await model.waitForRequests(2)
        isSlow.set(false)
        let call = try #require(events.events.last { $0.type == "tool_call" && $0.runID == accepted.runID })
        let forked = try await bench.fork(accepted.runID, from: call.number)
        _ = try await Self.follow(forked, bench)
        #expect(try await bench.run(forked.runID)?.output == "writer did it")
        let original = try await RunStore(database: bench.database).list(
            owner: nil,
            status: .running,
            session: accepted.sessionID,
            before: nil,
            limit: 10
        )
        #expect(original.count == 2)
        await bench.stop()
    }

    @Test func `a collaborating team whose members were at work asks those without an answer anew`() async throws {
        let isSlow = Flag(true)
        let model = ScriptedModel { request in
            request.agent == "analyzer" && isSlow.value ? .hang(after: "Well") : .say("\(request.agent) did it")
        }
        let bench = try await TeamBench.make(
            ["teams/ads.yaml": "mode: collaborate\nleader: manager\nmembers: [creator, analyzer]\n"],
            default: "team:ads",
            agents: ["manager": "", "creator": "", "analyzer": ""],
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, _ in
            events.contains { $0.type == "tool_result" } && events.contains { $0.type == "content" && $0.agent == "analyzer" }
        }
        isSlow.set(false)
        let result = try #require(events.events.last { $0.type == "tool_result" })
        let forked = try await bench.fork(accepted.runID, from: result.number)
        let copy = try await Self.follow(forked, bench)
        #expect(try await bench.run(forked.runID)?.output == "manager did it")
        #expect(try copy.results(of: "delegate").map(\.success) == [true, true])
        await bench.stop()
    }

    @Test func `a member's run is not forked by itself, and the refusal names its team's`() async throws {
        let bench = try await Self.ledTeam(ScriptedModel(rule: Self.leading))
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let member = try #require(events.events.compactMap(\.runID).first { $0 != accepted.runID })
        await #expect { _ = try await bench.fork(member, from: events.numbers.last ?? 0) } throws: { error in
            let error = error as? EngineError
            return error?.code == .notForkable && error?.message.english.contains(accepted.runID.rawValue) == true
        }
        await bench.stop()
    }
}
