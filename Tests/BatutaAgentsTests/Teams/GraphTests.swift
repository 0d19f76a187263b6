import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// Teams whose work is a graph.
@Suite(.timeLimit(.minutes(5))) struct GraphTests {
    private static func answer(_ request: ModelRequest) -> ScriptedModel.Reply { .say("\(request.agent)<\(request.lastTurn)>") }

    /// The graph that PROJECT.md shows.
    private static let office = """
        mode: graph
        start: triage
        nodes:
          triage:  { agent: triage }
          facts:   { tool: search_facts, arguments: { query: "${input}" } }
          write:   { agent: writer, input: "${input}\\n\\nFacts: ${results.facts.text}" }
          review:  { agent: reviewer }
          confirm: { human: { question: "Publish?", fields: { channel: { enum: [blog, mail] } }, expires: 24h } }
        edges:
          - { from: triage, to: [facts, write], when: "output.kind == 'report'" }
          - { from: facts, to: write }
          - { from: write, to: review }
          - { from: review, to: write, when: "output.score < 7", max: 3 }
          - { from: review, to: confirm, else: true }
          - { from: confirm, to: end }
        """
    private static let agents = ["triage": "", "writer": "", "reviewer": ""]

    private static func officeModel(scores: [Int]) -> ScriptedModel {
        let left = Counter()
        return ScriptedModel { request in
            switch request.agent {
            case "triage": .say(#"{"kind": "report"}"#)
            case "reviewer":
                .say(#"{"score": \#(scores[min(left.next(), scores.count - 1)])}"#)
            default: .say("Draft of <\(request.lastTurn)>")
            }
        }
    }

    private static let search = ToolDefinition(
        name: "search_facts",
        description: "Finds facts.",
        parameters: ["type": "object", "properties": ["query": ["type": "string"]], "required": ["query"]]
    )

    @Test(arguments: StoreEngine.all)
    func `what follows a person's answer begins while other nodes are at work`(_ kind: StoreEngine) async throws {
        let graph = """
            mode: graph
            start: triage
            nodes:
              triage: { agent: triage }
              slow:   { agent: writer }
              ask:    { human: { question: "Go on?" } }
              after:  { agent: reviewer }
            edges:
              - { from: triage, to: [slow, ask] }
              - { from: ask, to: after }
            """
        let isSlow = Flag(true)
        let tool = RecordingTool(Self.search) { _ in
            while isSlow.value, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            return ToolAttempt(.success(["text": "42"]))
        }
        let model = ScriptedModel { request in
            request.agent == "writer" && !request.answersCalls ? .call([("search_facts", ["query": "x"])]) : .say("ok")
        }
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/office.yaml": graph],
            default: "team:office",
            agents: ["triage": "", "writer": "tools: [search_facts]", "reviewer": ""],
            tools: [tool],
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await tool.waitForCalls(1)
        try await Deadline.look(for: "the question") { try await !bench.pendingApprovals().isEmpty }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        try await Deadline.look(for: "what follows the answer") { model.requests.contains { $0.agent == "reviewer" } }
        isSlow.set(false)
        try await Deadline.wait(for: "the end") { await events.waitForEnd(of: accepted.runID) }
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `S4.5 branches join, loops are bounded, a person is asked, and the graph ends with what was written`(_ kind: StoreEngine)
        async throws
    {
        let tool = RecordingTool(Self.search, answer: { _ in ToolAttempt(.success(["text": "42"])) })
        let model = Self.officeModel(scores: [5, 6, 8])
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/office.yaml": Self.office],
            default: "team:office",
            agents: Self.agents,
            tools: [tool],
            model: model
        )
        let (accepted, events) = try await bench.send("Report on birds")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        #expect(tool.received.map(\.arguments) == [["query": "Report on birds"]])
        let writers = model.requests.filter { $0.agent == "writer" }
        #expect(writers.count == 3 && writers.allSatisfy { $0.lastTurn == "Report on birds\n\nFacts: 42" })
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.reason == .question && approval.runID == accepted.runID)
        let object = approval.json(in: .english)
        #expect(object["tool"] == .null && object["question"] == "Publish?" && object["fields"]?["channel"]?["enum"] == ["blog", "mail"])
        await #expect(throws: EngineError.self) {
            try await bench.engine.decide(approval, ApprovalDecision(approve: true, arguments: ["channel": "fax"], by: "usr_test"))
        }
        await #expect(throws: EngineError.self) { try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test")) }
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, arguments: ["channel": "blog"], by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.agent == "office" && run.target == "team:office")
        #expect(run.output == #"{"score":8}"#)
        await bench.stop()
    }

    @Test func `a person's no takes only an edge that asks for it, and else ends the graph as stopped`() async throws {
        let tool = RecordingTool(Self.search, answer: { _ in ToolAttempt(.success(["text": "42"])) })
        let bench = try await TeamBench.make(
            ["teams/office.yaml": Self.office],
            default: "team:office",
            agents: Self.agents,
            tools: [tool],
            model: Self.officeModel(scores: [9])
        )
        let (accepted, events) = try await bench.send("Report")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: false, note: "too early", by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        await bench.stop()
    }

    /// What a person fills in decides where it goes.
    private static let question = """
        mode: graph
        start: triage
        nodes:
          triage: { agent: triage }
          confirm: { human: { question: "Publish?", fields: { channel: { enum: [blog, mail], default: blog } }, expires: 24h } }
          blog: { agent: writer, input: "Blog" }
          mail: { agent: reviewer, input: "Mail" }
        edges:
          - { from: triage, to: confirm }
          - { from: confirm, to: blog, when: "output.channel == 'blog'" }
          - { from: confirm, to: mail, else: true }
          - { from: blog, to: end }
          - { from: mail, to: end }
        """

    @Test(arguments: [true, false]) func `a field that is left alone has its default; a no has no fields, and is no fault of the graph`(
        agrees: Bool
    ) async throws {
        let bench = try await TeamBench.make(
            ["teams/office.yaml": Self.question],
            default: "team:office",
            agents: Self.agents,
            model: ScriptedModel { .say($0.agent) }
        )
        let (accepted, events) = try await bench.send("Report")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: agrees, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == (agrees ? .completed : .cancelled) && run.output == (agrees ? "writer" : nil))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S4.7 eleven agents in one graph`(_ kind: StoreEngine) async throws {
        let (yaml, agents) = Self.eleven
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/office.yaml": yaml],
            default: "team:office",
            agents: agents,
            model: ScriptedModel { Self.answer($0) }
        )
        let (accepted, events) = try await bench.send("Go")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed)
        #expect(Set(events.agents).count == 12)
        #expect(run.usage.inputTokens == 110)
        #expect(events.data(of: .agentSwitch).count == 11)
        await bench.stop()
    }

    /// One first, three ways of three side by side, one last.
    static var eleven: (yaml: String, agents: [String: String]) {
        var nodes: [String] = ["first", "last"], edges = ["{ from: first, to: [a1, b1, c1] }"]
        for way in ["a", "b", "c"] {
            nodes += (1...3).map { "\(way)\($0)" }
            edges += ["{ from: \(way)1, to: \(way)2 }", "{ from: \(way)2, to: \(way)3 }", "{ from: \(way)3, to: last }"]
        }
        edges.append("{ from: last, to: end }")
        let yaml =
            "mode: graph\nstart: first\nnodes:\n" + nodes.map { "  \($0): { agent: \($0) }\n" }.joined() + "edges:\n"
            + edges.map { "  - \($0)\n" }.joined()
        return (yaml, Dictionary(uniqueKeysWithValues: nodes.map { ($0, "") }))
    }

    @Test func `a node that fails ends the graph, and whatever works beside it is stopped`() async throws {
        let yaml = """
            mode: graph
            start: first
            nodes: { first: { agent: triage }, slow: { agent: writer }, bad: { agent: reviewer } }
            edges: [{ from: first, to: [slow, bad] }, { from: slow, to: end }, { from: bad, to: end }]
            """
        let model = ScriptedModel { request in
            switch request.agent {
            case "writer": .hang()
            case "reviewer": .fail(ModelError(.rejected, "No."))
            default: .say("go")
            }
        }
        let bench = try await TeamBench.make(["teams/office.yaml": yaml], default: "team:office", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Go")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .failed && run.error?["code"] == "model_rejected")
        #expect(run.error?["message"]?.string?.contains("bad") == true)
        let runs = try await RunStore(database: bench.database).unfinished(in: run.sessionID)
        #expect(runs.isEmpty && events.events.last?.runID == run.id)
        await bench.stop()
    }

    @Test func `an edge that cannot be decided fails the run with its reason`() async throws {
        let yaml = """
            mode: graph
            start: first
            nodes: { first: { agent: triage }, next: { agent: writer } }
            edges: [{ from: first, to: next, when: "output.score > 3" }, { from: first, to: end, else: true }, { from: next, to: end }]
            """
        let bench = try await TeamBench.make(
            ["teams/office.yaml": yaml],
            default: "team:office",
            agents: Self.agents,
            model: ScriptedModel { _ in .say("no object") }
        )
        let (accepted, events) = try await bench.send("Go")
        await events.waitForEnd(of: accepted.runID)
        let error = try #require(try await bench.run(accepted.runID)?.error)
        #expect(error["code"] == "graph_error" && error["message"]?.string?.contains("first") == true)
        await bench.stop()
    }

    @Test(arguments: [
        #"next: { agent: writer, input: "Of ${results.aside.text}" }"#,
        #"next: { tool: search_facts, arguments: { query: "${results.aside}" } }"#,
        #"next: { tool: search_facts, arguments: { query: "about ${state.topic}" } }"#,
        #"next: { human: { question: "Is ${results.aside} right?" } }"#,
    ])
    func `a node whose input has no value ends the graph with the node and the expression`(_ node: String) async throws {
        let yaml = """
            mode: graph
            start: first
            nodes:
              first: { agent: triage }
              aside: { agent: reviewer }
              \(node)
            edges:
              - { from: first, to: aside, when: "input == 'aside'" }
              - { from: first, to: next, else: true }
              - { from: aside, to: next }
              - { from: next, to: end }
            """
        let tool = RecordingTool(Self.search, answer: { _ in ToolAttempt(.success(["text": "42"])) })
        let bench = try await TeamBench.make(
            ["teams/office.yaml": yaml],
            default: "team:office",
            agents: Self.agents,
            tools: [tool],
            model: ScriptedModel { _ in .say("no object") }
        )
        let (accepted, events) = try await bench.send("Go")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .failed && run.error?["code"] == "graph_error", "\(run.output ?? "")")
        let message = try #require(run.error?["message"]?.string)
        let expression = try #require(node.split(separator: "${").last?.split(separator: "}").first)
        #expect(message.contains("The node next cannot begin: ${\(expression)} has no value"), "\(message)")
        #expect(tool.received.isEmpty)
        await bench.stop()
    }

    @Test func `stopping the run of one node is that node's failure, and the graph was not stopped`() async throws {
        let yaml = "mode: graph\nstart: first\nnodes: { first: { agent: triage } }\nedges: [{ from: first, to: end }]\n"
        let model = ScriptedModel { _ in .hang() }
        let bench = try await TeamBench.make(["teams/office.yaml": yaml], default: "team:office", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Go")
        await model.waitForRequests(1)
        let store = RunStore(database: bench.database)
        let member = try await store.list(owner: nil, status: nil, session: nil, before: nil, limit: 10).first { $0.parentRunID != nil }
        #expect(try await bench.engine.stop(try #require(member)))
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .failed && run.error?["code"] == "node_failed", "\(run.status)")
        #expect(run.error?["message"]?.string?.contains("The node first failed") == true)
        #expect(try await bench.run(try #require(member).id)?.status == .cancelled)
        await bench.stop()
    }

    @Test func `of a question's fields those with a default and those that are not required may be left empty`() async throws {
        let yaml = """
            mode: graph
            start: ask
            nodes:
              ask:
                human:
                  question: "How many?"
                  fields:
                    count: { type: integer }
                    tone: { type: string, default: plain }
                    memo: { type: string, required: false }
              write: { agent: writer, input: "${output(results)}" }
            edges: [{ from: ask, to: write }, { from: write, to: end }]
            """.replacing("${output(results)}", with: "${results.ask.count} ${results.ask.tone} ${has(results.ask.memo)}")
        let model = ScriptedModel { .say($0.lastTurn) }
        let bench = try await TeamBench.make(["teams/office.yaml": yaml], default: "team:office", agents: Self.agents, model: model)
        let (accepted, events) = try await bench.send("Go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        let refusal = await #expect(throws: EngineError.self) {
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        }
        #expect(refusal?.message.english.contains("count") == true && refusal?.message.english.contains("memo") == false)
        let decision = ApprovalDecision(approve: true, arguments: ["count": 3], by: "usr_test")
        let decided = try await bench.engine.decide(approval, decision)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "3 plain false")
        _ = try await bench.engine.decide(decided, decision)
        await bench.stop()
    }

    @Test func `branches go on by themselves: a short one does not wait for a long one`() async throws {
        let yaml = """
            mode: graph
            start: first
            nodes: { first: { agent: triage }, long: { agent: reviewer }, short: { agent: writer }, after: { agent: last }, join: { agent: triage } }
            edges:
              - { from: first, to: [long, short] }
              - { from: short, to: after }
              - { from: after, to: join }
              - { from: long, to: join }
              - { from: join, to: end }
            """
        let gate = Gate()
        let model = GateByAgent(agent: "reviewer", gate: gate)
        var agents = Self.agents
        agents["last"] = ""
        let bench = try await TeamBench.make(["teams/office.yaml": yaml], default: "team:office", agents: agents, model: model)
        let (accepted, events) = try await bench.send("Go")
        await events.wait { events, _ in events.contains { $0.agent == "last" && $0.type == "complete" } }
        gate.open()
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output?.contains("[long]") == true && run.output?.contains("[after]") == true)
        await bench.stop()
    }
}

/// A model that answers at once, but for one agent, who waits for a gate.
private struct GateByAgent: ModelProvider {
    let agent: String
    let gate: Gate

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        if request.agent == agent { await gate.pass() }
        return ModelAnswer(text: "\(request.agent)<\(request.lastTurn)>", usage: ModelUsage(inputTokens: 10, outputTokens: 5))
    }
}
