import BatutaAgents
import BatutaCore
import BatutaTools
import Testing

/// What the template `ads` ships: the older ads system's tools, times, roles and rules, as files.
@Suite struct AdsTemplateTests {
    static func load(_ template: String = "ads", _ language: String = "pt-BR") throws -> Project {
        let files = try #require(ProjectTemplate.files(named: template, language: Language(tag: language)))
        let load = Project.load(files: files)
        return try #require(load.project, "\(load.report(.english))")
    }

    private func tool(_ name: String) throws -> HTTPToolDefinition {
        try #require(Self.load().tools.first { $0.definition.name == name })
    }

    @Test(arguments: [
        ("S2.104", "get_campaign_insights", 300), ("S2.105", "list_campaigns", 120), ("S2.106", "get_campaign_details", 600),
        ("S2.107", "get_monthly_summary", 1_800),
    ])
    func `S2.104 S2.105 S2.106 S2.107 S2.109 each reading tool keeps its results for its own time, for its user`(
        _ requirement: String,
        _ name: String,
        _ seconds: Int
    ) throws {
        let tool = try tool(name)
        #expect(tool.definition.effect == .read)
        #expect(tool.cache?.ttl == .seconds(seconds), "\(requirement)")
        #expect(tool.cache?.scope == .user)
    }

    @Test func `S2.61 a campaign is created with name, objective, status and daily budget, and paused unless told otherwise`() throws {
        let tool = try tool("create_campaign")
        let properties = try #require(tool.definition.parameters["properties"]?.object)
        #expect(properties.map(\.key) == ["name", "objective", "status", "daily_budget"])
        #expect(tool.definition.parameters["required"] == ["name", "objective"])
        #expect(properties["status"]?["default"] == "PAUSED")
        #expect(tool.definition.effect == .write && tool.settlement?.tool == "list_campaigns")
    }

    @Test(arguments: ["list_campaigns", "get_campaign_details", "create_campaign", "pause_campaign", "update_budget", "delete_campaign"])
    func `S2.57 every request to Meta has 30 s and three attempts`(_ name: String) throws {
        #expect(try tool(name).definition.retry.attempts == 3)
        #expect(try tool(name).definition.retry.timeout == .seconds(30))
    }

    @Test(arguments: [("S2.26", "pause_campaign"), ("S2.27", "delete_campaign"), ("S2.28", "update_budget")])
    func `S2.26 S2.27 S2.28 the critical actions are critical, and a policy looks at each`(_ requirement: String, _ name: String) throws {
        let project = try Self.load()
        #expect(try tool(name).definition.effect == .critical, "\(requirement)")
        #expect(project.policies.contains { $0.tool == name && !$0.rules.isEmpty })
        #expect(try tool(name).invalidates.contains("campaigns"))
    }

    @Test func `S2.128 the roles are there: creator, analyzer, optimizer, supervisor, and a team that is led`() throws {
        let project = try Self.load()
        let team = try #require(project.teams["ads"])
        #expect(project.defaultTarget == "team:ads")
        guard case .coordinate = team.plan else { throw Unlike(what: "\(team.plan)") }
        #expect(team.leader == "agent:manager")
        #expect(team.members.map(\.name) == ["creator", "analyzer", "optimizer", "supervisor"])
        // Only one of them can change what is running.
        for (name, agent) in project.agents where name != "optimizer" {
            let names = Set(agent.tools)
            #expect(names.isDisjoint(with: ["pause_campaign", "update_budget", "delete_campaign"]), "\(name)")
        }
    }

    @Test func `S2.16 what the team keeps of its users lies in the namespace meta_campaigns`() throws {
        #expect(try Self.load().agents["manager"]?.userMemory.namespace == "meta_campaigns")
    }

    @Test(arguments: ["ads", "office"], ["en", "pt-BR"])
    func `every template is a project without a problem, in both languages`(_ template: String, _ language: String) throws {
        let files = try #require(ProjectTemplate.files(named: template, language: Language(tag: language)))
        let load = Project.load(files: files)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        #expect(load.project?.language == language)
    }

    @Test(arguments: ["ads", "office"]) func `both languages of a template differ in words only`(_ template: String) throws {
        let (english, portuguese) = (try Self.load(template, "en"), try Self.load(template, "pt-BR"))
        #expect(english.agents.keys.sorted() == portuguese.agents.keys.sorted())
        for (name, agent) in english.agents {
            let other = try #require(portuguese.agents[name])
            #expect(agent.tools == other.tools && agent.model == other.model)
            #expect(
                agent.variables.map(\.name) == other.variables.map(\.name) && agent.variables.map(\.type) == other.variables.map(\.type)
            )
            #expect(agent.description != other.description, "\(name) speaks one language only")
        }
        #expect(english.tools.map(\.request) == portuguese.tools.map(\.request))
        #expect(english.tools.map(\.cache) == portuguese.tools.map(\.cache))
        #expect(english.policies.map { $0.rules.map(\.condition) } == portuguese.policies.map { $0.rules.map(\.condition) })
        #expect(english.teams.mapValues(\.members) == portuguese.teams.mapValues(\.members))
    }

    @Test func `S4.7 the template office is a graph of eleven agents, each with work in it`() throws {
        let project = try Self.load("office")
        #expect(project.agents.count == 11)
        let team = try #require(project.teams["office"])
        guard case .graph(let plan) = team.plan else { throw Unlike(what: "\(team.plan)") }
        let working = plan.nodes.values.compactMap { node -> String? in if case .member(let target, _) = node.work { target } else { nil } }
        #expect(Set(working) == Set(project.agents.keys.map { "agent:" + $0 }))
    }

    private struct Unlike: Error { var what: String }
}
