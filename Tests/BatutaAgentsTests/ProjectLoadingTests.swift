import BatutaAgents
import BatutaCore
import Testing

@Suite struct ProjectLoadingTests {
    @Test func `a project that is right becomes its values`() throws {
        let load = ProjectFixture.load()
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let project = try #require(load.project)
        #expect(project.name == "shop")
        #expect(project.defaultTarget == "agent:clerk")
        #expect(project.language == "en")
        #expect(project.models["default"]?.fallback == ["cheap"])
        #expect(project.models["default"]?.maxOutputTokens == 4_096)
        #expect(project.providers["corp"]?.baseURL == "https://llm.corp.example/v1")
        #expect(project.retryProfiles["slow"]?.attempts == 5)
        #expect(project.retryProfiles["whatsapp"]?.attempts == 2)
        #expect(project.rateLimits.runs == RateLimit(120, per: .seconds(60)))
    }

    @Test func `an agent has its model, tools in order, variables and instructions`() throws {
        let agent = try #require(ProjectFixture.load().project?.agent(for: nil))
        #expect(agent.name == "clerk")
        #expect(agent.model.model == "gpt-5-mini")
        #expect(agent.tools == ["get_item", "current_time"])
        #expect(agent.variables == [VariableDeclaration(name: "shop", type: "string", default: "ours")])
        let text = try agent.instructions.render(variables: ["shop": "ACME"], language: "en")
        #expect(text == "You sell things of ACME. Answer in English. R$ 10 is cheap.")
        #expect(agent.limits == RunLimits())
    }

    @Test func `a tool has its request, retry, check and settlement`() throws {
        let tools = try #require(ProjectFixture.load().project?.tools)
        #expect(tools.map(\.definition.name) == ["buy_item", "get_item"])
        let buy = tools[0]
        #expect(buy.definition.effect == .critical)
        #expect(!buy.definition.idempotent)
        #expect(buy.definition.settles)
        #expect(buy.definition.retry.attempts == 5)
        #expect(buy.definition.retry.timeout == .seconds(7))
        #expect(buy.definition.retry.backoff.factor == 3)
        #expect(buy.checks == [HTTPToolDefinition.Check(condition: "size(params.id) < 20", message: "Ids are short.")])
        #expect(buy.settlement?.tool == "get_item")
        #expect(buy.settlement?.within == .seconds(5))
        #expect(buy.request.method == "POST")
        #expect(buy.request.body == ["id": "${params.id}"])
        #expect(buy.request.result == "${result.receipt}")
        #expect(buy.breaker == HTTPToolDefinition.Breaker())
        #expect(tools[1].definition.idempotent)
        #expect(tools[1].request.headers == ["Authorization": "Bearer ${secret.SHOP_KEY}"])
    }

    @Test func `rehearsal scripts keep their order and steps`() throws {
        let scripts = try #require(ProjectFixture.load().project?.rehearsals)
        #expect(scripts.count == 2)
        #expect(scripts[0].agent == "clerk")
        #expect(scripts[0].when?.firstMatch(in: "Item x7")?["id"] == "x7")
        #expect(
            scripts[0].steps == [
                .calls([.init(tool: "get_item", arguments: ["id": "${match.id}"])]), .say("It is ${results[0].data.name}."),
            ]
        )
        #expect(scripts[1].when == nil)
    }

    @Test func `parallel calls of a step may be written in two ways`() throws {
        let text = """
            scripts:
              - steps:
                  - - { call: get_item, arguments: { id: a } }
                    - { call: current_time }
                  - call: [{ call: get_item }, { call: current_time }]
                  - say: ok
            """
        let project = try #require(ProjectFixture.load(["rehearsals/clerk.yaml": text]).project)
        let counts = project.rehearsals[0].steps.map { step in
            if case .calls(let calls) = step { calls.count } else { 0 }
        }
        #expect(counts == [2, 2, 0])
    }

    @Test func `blocks are included at any depth and may use the agent's variables`() throws {
        let load = ProjectFixture.load([
            "agents/clerk.md": "---\nvariables: { shop: {} }\n---\nA {{> one}} B\n```\n{{> not_here}}\n```\n`{{> nor_here}}`",
            "prompts/one.md": "---\ndescription: x\n---\n1 {{> two}}",
            "prompts/two.md": "2 $shop",
            "rehearsals/clerk.yaml": nil,
        ])
        #expect(load.problems.errors.isEmpty, "\(load.report(.english))")
        let text = try load.project?.agent(for: "clerk")?.instructions.render(variables: ["shop": "S"], language: "en")
        #expect(text == "A 1 2 S B\n```\n{{> not_here}}\n```\n`{{> nor_here}}`")
    }

    @Test(arguments: [
        ("model: sonnet", 1), ("model: inherit", 0), ("model: opus\ntools: Read, get_item, Bash(git:*)", 3),
        ("tools: [get_item]\nmodel: haiku\ncolor: red", 2),
        ("mode: subagent\ntools: { get_item: true, write: true, bash: false }\ntemperature: 0.1", 3),
        ("model: inherit\ntools: [Read, Grep]", 2),
    ])
    func `front matter of other conventions loads, and says what it goes without`(_ header: String, _ warnings: Int) throws {
        let load = ProjectFixture.load(["agents/other.md": "---\nname: other\ndescription: Use proactively.\n\(header)\n---\nYou review."])
        #expect(load.problems.count == warnings && load.problems.errors.isEmpty, "\(load.report(.english))")
        let agent = try #require(load.project?.agents["other"])
        #expect(agent.model.name == "default")
        #expect(agent.tools == (header.contains("get_item") ? ["get_item"] : []))
    }

    @Test func `an agent of another convention loads with warnings`() throws {
        let text = "---\nname: reviewer\ncolor: blue\nmodel: sonnet\ntools: Read, get_item , Bash\n---\nReview code."
        let load = ProjectFixture.load(["agents/reviewer.md": text])
        let agent = try #require(load.project?.agent(for: "agent:reviewer"))
        #expect(agent.tools == ["get_item"])
        #expect(agent.model.name == "default")
        #expect(load.problems.map(\.severity) == [.warning, .warning, .warning, .warning])
        #expect(load.problems.map(\.line) == [3, 4, 5, 5])
    }

    @Test func `globs of tools are resolved in the order of the files`() throws {
        let load = ProjectFixture.load(
            "agents/clerk.md",
            replacing: "[get_item, current_time]",
            with: "[current_time, \"*_item\", get_item]"
        )
        #expect(load.project?.agent(for: nil)?.tools == ["current_time", "buy_item", "get_item"])
    }

    @Test func `an agent's limits lie over the project's`() throws {
        let load = ProjectFixture.load([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\nlimits: { model_calls: 9, work_time: 5m }",
            "agents/clerk.md": "---\nlimits: { model_calls: 3 }\nmemory: { history: 4 }\n---\nHi",
            "rehearsals/clerk.yaml": nil,
        ])
        let agent = try #require(load.project?.agent(for: nil))
        #expect(agent.limits.modelCalls == 3)
        #expect(agent.limits.workTime == .seconds(300))
        #expect(agent.limits.toolCalls == 100)
        #expect(agent.historyTurns == 4)
    }

    @Test(arguments: [("true", .always), ("false", .never), ("", .whenFull)] as [(String, AgentDefinition.Summary)])
    func `memory says what is summed up`(_ written: String, _ meant: AgentDefinition.Summary) throws {
        let memory = written.isEmpty ? "{ history: 4 }" : "{ history: 4, summary: \(written) }"
        let load = ProjectFixture.load([
            "agents/clerk.md": "---\nmemory: \(memory)\n---\nHi", "rehearsals/clerk.yaml": nil,
        ])
        #expect(try #require(load.project?.agent(for: nil)).summary == meant)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
    }

    @Test func `a summary that is neither true nor false is an error`() {
        let wrong = ProjectFixture.load(["agents/clerk.md": "---\nmemory: { summary: often }\n---\nHi", "rehearsals/clerk.yaml": nil])
        #expect(wrong.project == nil && wrong.report(.english).contains("true or false"))
    }

    @Test func `S2.16 an agent that keeps facts has the tools for it, and a namespace of its own unless it names one`() throws {
        func agent(_ header: String) throws -> AgentDefinition {
            let load = ProjectFixture.load(["agents/clerk.md": "---\n\(header)\n---\nHi", "rehearsals/clerk.yaml": nil])
            #expect(load.problems.isEmpty, "\(load.report(.english))")
            return try #require(load.project?.agent(for: nil))
        }
        let own = try agent("tools: [current_time, recall]\nmemory: { user: true }")
        #expect(own.tools == ["current_time", "recall", "remember"] && own.userMemory.namespace == "clerk")
        let shared = try agent("memory: { user: true, namespace: meta_campaigns }")
        #expect(shared.tools == ["remember", "recall"] && shared.userMemory.namespace == "meta_campaigns")
        #expect(try agent("memory: { user: false }").tools.isEmpty)
        #expect(try agent("memory: { extract: true }").userMemory == AgentDefinition.UserMemory(namespace: "clerk", extracts: true))
        #expect(try agent("tools: [remember]").userMemory == AgentDefinition.UserMemory(namespace: "clerk"))
        let wrong = ProjectFixture.load([
            "agents/clerk.md": "---\nmemory: { namespace: \"my facts!\" }\n---\nHi", "rehearsals/clerk.yaml": nil,
        ])
        #expect(wrong.project == nil)
    }

    @Test func `a model may be written out, and the only agent is the default`() throws {
        let load = Project.load(files: [
            "batuta.yaml": Array("name: x\n".utf8),
            "agents/a.md": Array("---\nmodel: { provider: groq, model: llama, extra: { top_p: 0.5 } }\n---\nHi".utf8),
        ])
        let project = try #require(load.project, "\(load.report(.english))")
        #expect(project.defaultTarget == "agent:a")
        #expect(project.agents["a"]?.model.provider == "groq")
        #expect(project.agents["a"]?.model.extra == ["top_p": 0.5])
    }

    @Test(arguments: [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("24h", 86_400_000), ("7d", 604_800_000), ("0s", 0)])
    func `durations have a unit`(text: String, milliseconds: Int64) {
        #expect(DurationText.duration(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "5", "5 m", "-5m", "1.5h", "5min", "m", "99999999999999999999d", "9223372036854775807d", "٣s"])
    func `what is no duration is none`(text: String) {
        #expect(DurationText.duration(text) == nil)
    }

    @Test func `S4.17 the response cache is set once for all agents, and by those who want it otherwise`() throws {
        let yaml = (ProjectFixture.files["batuta.yaml"] ?? "") + "\nresponse_cache: { mode: exact, ttl: 1h }\n"
        let fresh = "---\ndescription: Knows the news.\nmodel: default\nresponse_cache: off\n---\nYou tell news."
        let project = try #require(ProjectFixture.load(["batuta.yaml": yaml, "agents/news.md": fresh]).project)
        #expect(project.agents["clerk"]?.responseCache == ResponseCachePolicy(mode: .exact, lifetime: .seconds(3_600)))
        #expect(project.agents["news"]?.responseCache.mode == .off)
    }
}
