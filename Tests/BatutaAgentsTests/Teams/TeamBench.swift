import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Testing

/// Teams as files describe them, on an engine whose models and tools a test gives.
enum TeamBench {
    /// - Parameters:
    ///   - files: teams/NAME.yaml; agents and tools that they need are made.
    ///   - default: What a session talks to.
    ///   - agents: Names, with what their front matter says beside the model.
    ///   - arrange: Changes what was loaded, before anything runs.
    static func make(
        on kind: StoreEngine = .sqlite,
        _ files: [String: String],
        default target: String,
        agents: [String: String],
        tools: [any Tool] = [],
        limits: String = "{}",
        folder: TemporaryFolder = TemporaryFolder(),
        clock: ManualClock = ManualClock(),
        sharing terms: SessionLeases.Terms? = nil,
        store: (any Database) -> any Database = { $0 },
        arrange: @escaping (inout RunnableProject) -> Void = { _ in },
        model: any ModelProvider
    ) async throws -> EngineBench {
        let project = try load(files, default: target, agents: agents, limits: limits, tools: tools.map(\.definition))
        return try await EngineBench(
            on: kind,
            model: model,
            tools: tools,
            folder: folder,
            clock: clock,
            store: store,
            sharing: terms,
            configure: { runnable in
                configure(&runnable, as: project, model, tools)
                arrange(&runnable)
            }
        )
    }

    private static func configure(
        _ runnable: inout RunnableProject,
        as project: Project,
        _ model: any ModelProvider,
        _ tools: [any Tool]
    ) {
        let catalog = ToolCatalog(tools)
        var agents: [String: RunnableAgent] = [:]
        for (name, definition) in project.agents {
            agents[name] = RunnableAgent(definition: definition, provider: model, tools: catalog.registry(offering: definition.tools))
        }
        runnable.agents = agents
        runnable.teams = project.runnableTeams(agents, catalog)
        runnable.defaultTarget = project.defaultTarget ?? ""
    }

    static func load(
        _ files: [String: String],
        default target: String,
        agents: [String: String],
        limits: String = "{}",
        tools: [ToolDefinition]
    )
        throws -> Project
    {
        var files = files
        let models = "models: { default: { provider: openai, model: m, max_output_tokens: 10 } }"
        files["batuta.yaml"] = "name: t\ndefault: \(target)\n\(models)\nlimits: \(limits)\n"
        for (name, matter) in agents { files["agents/\(name).md"] = "---\ndescription: Does \(name).\n\(matter)\n---\nYou are \(name).\n" }
        for tool in tools {
            files["tools/\(tool.name).yaml"] = """
                description: Does something.
                effect: \(tool.effect.rawValue)
                parameters: \(tool.parameters.text)
                http: { method: POST, url: "https://service.example/x" }
                """
        }
        let loaded = Project.load(files: files.mapValues { Array($0.utf8) })
        let errors = loaded.problems.filter { $0.severity == .error }
        try #require(errors.isEmpty, "\(loaded.report(.english))")
        return try #require(loaded.project)
    }
}

extension EngineBench {
    /// What was said in a session, on its current branch.
    func conversation(_ session: SessionID) async throws -> [Message] {
        guard let leaf = try await log.ends(of: session).leaf else { return [] }
        return try await MessageStore(database: database).branch(session, endingAt: leaf, limit: 100)
    }
}

extension EventCollector {
    /// The runs in the order of their first events, with whoever works in them.
    var agents: [String] {
        var seen: Set<RunID> = []
        return events.compactMap { event in event.runID.flatMap { seen.insert($0).inserted ? event.agent : nil } }
    }

    func data(of type: EventType) -> [JSON] {
        events.filter { $0.type == type.rawValue }.compactMap { try? JSON.parse($0.envelope(language: "en"))["data"] }
    }
}

extension ModelRequest {
    /// What whoever asks last was told: the last message, or the last result.
    var lastTurn: String {
        switch turns.last {
        case .user(let text): text
        case .assistant(let text, _): text
        case .tool(_, _, let envelope): String(decoding: envelope, as: UTF8.self)
        default: ""
        }
    }

    var answersCalls: Bool {
        if case .tool = turns.last { true } else { false }
    }
}
