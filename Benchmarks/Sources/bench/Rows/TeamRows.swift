import BatutaAgents
import BatutaCore
import BatutaTools

/// A graph of eleven agents with one model call each: one first, three ways of three side by side, one last. Twelve runs, every event on disk.
enum TeamRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        let stand = try await Stand(model: "text-20", streams: false, baseURL: simulator.baseURL, folder: options.folder, arrange: arrange)
        _ = try await AgentRuns.sample(stand, runs: 50, atOnce: 8)
        let crowd = try await AgentRuns.rounds(options) { try await AgentRuns.sample(stand, runs: 200, atOnce: 16) }
        report.add(
            Row(
                name: "graph of eleven agents, one model call each, 16 at once: CPU",
                measured: crowd.map(\.cpuMilliseconds).median,
                unit: "ms",
                target: .atMost(2.5)
            )
        )
        let alone = try await AgentRuns.rounds(options) { try await AgentRuns.sample(stand, runs: 50, atOnce: 1) }
        report.add(
            Row(name: "  one at a time: wall p50", measured: alone.map(\.wallMilliseconds.median).median, unit: "ms", target: .none)
        )
        report.add(Row(name: "  commits per graph, one at a time", measured: alone.map(\.commits).median, unit: "", target: .none))
        await stand.stop()
    }

    private static func arrange(_ project: inout RunnableProject) {
        guard let one = project.agents["assistant"] else { return }
        let names = ["first"] + ["a", "b", "c"].flatMap { way in (1...3).map { "\(way)\($0)" } } + ["last"]
        var edges = [GraphPlan.Edge(from: "first", to: ["a1", "b1", "c1"]), GraphPlan.Edge(from: "last", to: [GraphPlan.end])]
        for way in ["a", "b", "c"] {
            for (from, to) in [("1", "2"), ("2", "3")] { edges.append(GraphPlan.Edge(from: way + from, to: [way + to])) }
            edges.append(GraphPlan.Edge(from: way + "3", to: ["last"]))
        }
        for name in names {
            var agent = one
            agent.definition.name = name
            project.agents[name] = agent
        }
        let nodes = names.map { GraphPlan.Node($0, .member(target: "agent:\($0)", input: nil)) }
        let members = Dictionary(uniqueKeysWithValues: names.map { ($0, "agent:\($0)") })
        let team = RunnableTeam(name: "office", plan: .graph(GraphPlan(nodes: nodes, edges: edges, start: "first")), members: members)
        project.teams["office"] = .graph(team, description: "", tools: ToolCatalog([]).everything, limits: one.definition.limits)
        project.defaultTarget = "team:office"
    }
}
