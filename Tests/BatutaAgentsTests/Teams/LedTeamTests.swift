import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// Teams with a leader: coordinate, route, collaborate, and agents as tools.
@Suite(.timeLimit(.minutes(5))) struct LedTeamTests {
    private static let agents = ["manager": "", "creator": "", "analyzer": ""]

    private static func team(_ mode: String, members: String = "creator, analyzer") -> [String: String] {
        ["teams/ads.yaml": "mode: \(mode)\nleader: manager\nmembers: [\(members)]\n"]
    }

    private static func delegate(_ members: [String]) -> ScriptedModel.Reply {
        .call(members.map { ("delegate", ["member": .string($0), "task": .string("task of \($0)")]) })
    }

    // MARK: Coordinate

    @Test(arguments: StoreEngine.all)
    func `S2.1 a leader delegates to several members at once, sees their answers and writes its own`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel { request in
            guard request.agent == "manager" else { return .say("\(request.agent) did: \(request.lastTurn)") }
            return request.answersCalls ? .say("All done.") : Self.delegate(["creator", "analyzer"])
        }
        let bench = try await TeamBench.make(on: kind, Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output == "All done." && run.target == "team:ads" && run.agent == "manager")
        #expect(Set(events.agents) == ["manager", "creator", "analyzer"])
        let results = events.data(of: .toolResult)
        #expect(results.compactMap { $0["data"]?.string }.sorted() == ["analyzer did: task of analyzer", "creator did: task of creator"])
        #expect(events.data(of: .agentSwitch).compactMap { $0["agent"]?.string } == ["creator", "analyzer", "manager"])
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 10)
        let members = runs.filter { $0.parentRunID != nil }
        #expect(members.count == 2 && members.allSatisfy { $0.parentRunID == run.id && $0.rootRunID == run.id && $0.status == .completed })
        #expect(run.usage.inputTokens == 40 && members.allSatisfy { $0.usage.inputTokens == 10 })
        // Only what the team said is part of the conversation.
        let messages = try await bench.conversation(run.sessionID)
        #expect(messages.map(\.content) == ["Make a campaign", "All done."])
        await bench.stop()
    }

    @Test func `a member's failure is an error for the leader, and the team goes on`() async throws {
        let model = ScriptedModel { request in
            if request.agent == "creator" { return .fail(ModelError(.rejected, "No such model.")) }
            return request.answersCalls ? .say(request.lastTurn) : Self.delegate(["creator"])
        }
        let bench = try await TeamBench.make(Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output?.contains("model_rejected") == true)
        await bench.stop()
    }

    @Test func `whom the team does not have is named to the leader, with those it has`() async throws {
        let model = ScriptedModel { request in request.answersCalls ? .say(request.lastTurn) : Self.delegate(["creater"]) }
        let bench = try await TeamBench.make(Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        let output = try #require(try await bench.run(accepted.runID)?.output)
        #expect(output.contains("invalid_arguments") && output.contains("creator") && output.contains("analyzer"))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `S2.31 a member's critical call asks a person, and the whole team waits and goes on`(_ kind: StoreEngine) async throws {
        let tool = RecordingTool(ToolDefinition(name: "pause_campaign", description: "Pauses.", effect: .critical))
        let model = ScriptedModel { request in
            if request.agent == "manager" { return request.answersCalls ? .say("Done.") : Self.delegate(["creator", "analyzer"]) }
            if request.agent == "analyzer" || request.answersCalls { return .say("\(request.agent) is done") }
            return .call([("pause_campaign", [:])])
        }
        var agents = Self.agents
        agents["creator"] = "tools: [pause_campaign]"
        let bench = try await TeamBench.make(
            on: kind,
            Self.team("coordinate"),
            default: "team:ads",
            agents: agents,
            tools: [tool],
            model: model
        )
        let (accepted, events) = try await bench.send("Pause it")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let root = try #require(try await bench.run(accepted.runID))
        #expect(root.status == .pendingApproval)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.runID != root.id && approval.agent == "creator")
        // People can go on talking meanwhile.
        let other = try await bench.send("Are you there?", in: root.sessionID)
        await events.wait { _, isIdle in isIdle }
        #expect(try await bench.run(other.runID)?.status != .queued)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1)
        #expect(try await bench.run(accepted.runID)?.output == "Done.")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.55 a stop of the team reaches its members, which end first`(_ kind: StoreEngine) async throws
    {
        let model = ScriptedModel { request in
            request.agent == "manager" ? Self.delegate(["creator", "analyzer"]) : .hang(after: "Well")
        }
        let bench = try await TeamBench.make(on: kind, Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await model.waitForRequests(3)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        await events.waitForEnd(of: run.id)
        let ends = events.events.filter { $0.type == "complete" }
        #expect(ends.count == 3 && ends.last?.runID == run.id)
        #expect(events.data(of: .complete).allSatisfy { $0["status"] == "cancelled" })
        #expect(events.events.last?.runID == run.id && events.events.last?.type == "complete")
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: .cancelled, session: nil, before: nil, limit: 10)
        #expect(runs.count == 3)
        await bench.stop()
    }

    @Test func `a stop of a team that waits for a person ends the member that asks, and takes the question back`() async throws {
        let tool = RecordingTool(ToolDefinition(name: "pause_campaign", description: "Pauses.", effect: .critical))
        let model = ScriptedModel { request in
            request.agent == "manager" ? Self.delegate(["creator"]) : .call([("pause_campaign", [:])])
        }
        var agents = Self.agents
        agents["creator"] = "tools: [pause_campaign]"
        let bench = try await TeamBench.make(Self.team("coordinate"), default: "team:ads", agents: agents, tools: [tool], model: model)
        let (accepted, events) = try await bench.send("Pause it")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.pendingApprovals().isEmpty && tool.received.isEmpty)
        #expect(events.data(of: .complete).count == 2 && events.events.last?.runID == accepted.runID)
        await bench.stop()
    }

    @Test func `a member that somebody stops is a failed call for the leader`() async throws {
        let model = ScriptedModel { request in
            if request.agent == "creator" { return .hang() }
            return request.answersCalls ? .say(request.lastTurn) : Self.delegate(["creator"])
        }
        let bench = try await TeamBench.make(Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await model.waitForRequests(2)
        let store = RunStore(database: bench.database)
        let member = try await store.list(owner: nil, status: nil, session: nil, before: nil, limit: 10).first { $0.parentRunID != nil }
        #expect(try await bench.engine.stop(try #require(member)))
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output?.contains("stopped") == true)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a pause of the team pauses its members, and a resumption lets all go on`(_ kind: StoreEngine) async throws {
        let isSlow = Flag(true)
        let model = ScriptedModel { request in
            if request.agent == "manager" { return request.answersCalls ? .say("Done.") : Self.delegate(["creator", "analyzer"]) }
            return isSlow.value ? .hang(after: "Let me") : .say("\(request.agent) is done")
        }
        let bench = try await TeamBench.make(on: kind, Self.team("coordinate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await model.waitForRequests(3)
        #expect(try await bench.engine.pause(try #require(try await bench.run(accepted.runID))))
        await events.wait { _, isIdle in isIdle }
        let store = RunStore(database: bench.database)
        #expect(try await store.list(owner: nil, status: .paused, session: nil, before: nil, limit: 10).count == 3)
        isSlow.set(false)
        try await bench.engine.resume(try #require(try await bench.run(accepted.runID)))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "Done.")
        await bench.stop()
    }

    @Test func `limits count on the root, members included`() async throws {
        let model = ScriptedModel { request in
            request.agent == "manager"
                ? .call([("delegate", ["member": "creator", "task": .string("\(request.turns.count)")])]) : .say("again")
        }
        let bench = try await TeamBench.make(
            Self.team("coordinate"),
            default: "team:ads",
            agents: Self.agents,
            limits: "{ model_calls: 5 }",
            model: model
        )
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.count == 5)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "limit_model_calls")
        await bench.stop()
    }

    @Test func `a team can be a member of a team`() async throws {
        let model = ScriptedModel { request in
            switch request.agent {
            case "boss": request.answersCalls ? .say("Boss: \(request.lastTurn)") : Self.delegate(["ads"])
            case "manager": request.answersCalls ? .say("Manager: \(request.lastTurn)") : Self.delegate(["creator"])
            default: .say("made")
            }
        }
        var agents = Self.agents
        agents["boss"] = ""
        var files = Self.team("coordinate")
        files["teams/firm.yaml"] = "mode: coordinate\nleader: boss\nmembers: [ads]\n"
        let bench = try await TeamBench.make(files, default: "team:firm", agents: agents, model: model)
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output?.contains("made") == true)
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: .completed, session: nil, before: nil, limit: 10)
        #expect(runs.count == 3 && runs.allSatisfy { $0.rootRunID == accepted.runID })
        await bench.stop()
    }

    // MARK: Other modes

    @Test func `a router's pick answers for the team`() async throws {
        let model = ScriptedModel { request in request.agent == "manager" ? Self.delegate(["analyzer"]) : .say("CTR is 2%") }
        let bench = try await TeamBench.make(Self.team("route"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.count == 2)
        #expect(try await bench.run(accepted.runID)?.output == "CTR is 2%")
        let messages = try await bench.conversation(accepted.sessionID)
        #expect(messages.map(\.content) == ["How is it going?", "CTR is 2%"])
        await bench.stop()
    }

    @Test func `all members of a collaborating team work at once, and the leader makes one answer of theirs`() async throws {
        let model = ScriptedModel { request in
            request.agent == "manager" ? .say("Merged.") : .say("\(request.agent): \(request.lastTurn)")
        }
        let bench = try await TeamBench.make(Self.team("collaborate"), default: "team:ads", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Ideas?")
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.count == 3)
        let leader = try #require(model.requests.first { $0.agent == "manager" })
        let told = leader.turns.compactMap { turn -> String? in
            guard case .tool(_, _, let envelope) = turn else { return nil }
            return String(decoding: envelope, as: UTF8.self)
        }
        #expect(told.count == 2 && told.contains { $0.contains("creator: Ideas?") } && told.contains { $0.contains("analyzer: Ideas?") })
        #expect(try await bench.run(accepted.runID)?.output == "Merged.")
        await bench.stop()
    }

    // MARK: Agents as tools

    @Test func `an agent can be had as a tool: its run stands below, and its answer is the result`() async throws {
        let definition = ToolDefinition(name: "ask_analyzer", description: "Asks the analyzer.", parameters: AgentTool.parameters)
        let model = ScriptedModel { request in
            if request.agent == "analyzer" { return .say("CTR is 2% for \(request.lastTurn)") }
            return request.answersCalls ? .say(request.lastTurn) : .call([("ask_analyzer", ["input": "Inverno"])])
        }
        let bench = try await TeamBench.make(
            [:],
            default: "agent:manager",
            agents: ["manager": "tools: [ask_analyzer]", "analyzer": ""],
            tools: [try AgentTool(AgentToolDefinition(definition: definition, target: "agent:analyzer"), clock: ManualClock())],
            model: model
        )
        let (accepted, events) = try await bench.send("How is it going?")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output?.contains("CTR is 2% for Inverno") == true)
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: .completed, session: nil, before: nil, limit: 10)
        #expect(runs.count == 2 && runs.contains { $0.parentRunID == accepted.runID && $0.target == "agent:analyzer" })
        await bench.stop()
    }
}
