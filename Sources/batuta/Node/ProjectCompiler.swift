import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaTelemetry
import BatutaTools

/// Connects a checked project with what its agents need: models over the shared client, tools with their secrets.
struct ProjectCompiler: Sendable {
    let http: HTTPClient
    let clock: any ProjectClock
    let breakers: BreakerBoard<Origin>
    let modelBreakers: ModelBreakers
    let known: KnownSecrets
    let stores: StoreTools
    let accounts: AccountConnections
    let databases = QueryDatabases()
    /// Where paths of databases begin; nil: where the process is.
    let folder: String?
    let tools: NodeTools

    func compile(_ project: Project, under circumstances: ProjectCircumstances, isRehearsal: Bool) throws -> RunnableProject {
        known.add(project.secretValues(in: circumstances.environment))
        let rehearsal = RehearsalProvider(scripts: project.rehearsals, language: project.language)
        let models = registry(project, circumstances, rehearsal, isRehearsal)
        let catalog = ToolCatalog(try tools(of: project, circumstances))
        let target = project.defaultTarget ?? project.targets.first ?? ""
        var runnable = RunnableProject(
            hash: project.snapshot.hash,
            name: project.name,
            defaultTarget: target,
            language: project.language,
            isRehearsal: isRehearsal,
            agents: [:],
            models: project.models.compactMapValues { settings in
                // A model that no agent uses may lack its provider.
                (try? models.provider(for: settings)).map {
                    RunnableModel(settings: settings, provider: $0, accepts: models.accepts(settings))
                }
            },
            variables: project.variables,
            profile: try project.profile.map { (source: JSON) throws in try ProfileSchema(source) },
            secrets: known.all,
            prices: ModelPrices(
                own: project.prices,
                zone: project.zone,
                scripted: project.scriptedProviders,
                models: Array(project.models.values) + project.agents.values.map(\.model)
            ),
            suggestions: isRehearsal ? suggestions(of: rehearsal, for: speaker(for: target, in: project)) : [:],
            policies: try PolicyGate(project.policies, tools: catalog),
            budgets: project.budgets
        )
        runnable.schedules = project.schedules
        runnable.embedding = project.embedding.flatMap { settings in
            models.embeddings(settings).map { RunnableEmbedding(settings: settings, model: $0) }
        }
        let settings = Array(project.models.values) + project.agents.values.map(\.model) + [project.embedding].compactMap(\.self)
        runnable.places = Set(settings.compactMap(models.place))
        runnable.addresses = models.addresses
        for (name, definition) in project.agents {
            let tools = catalog.registry(offering: definition.tools)
            runnable.agents[name] = RunnableAgent(
                definition: Self.told(definition, of: tools),
                provider: try models.provider(for: definition.model),
                tools: tools,
                fallbacks: runnable.fallbacks(of: definition.model),
                accepts: models.accepts(definition.model)
            )
        }
        runnable.teams = project.runnableTeams(runnable.agents, catalog)
        return runnable
    }

    /// An agent whose instructions say which functions there are (S3.31).
    private static func told(_ definition: AgentDefinition, of tools: ToolRegistry) -> AgentDefinition {
        guard let words = tools.availableFunctions else { return definition }
        var definition = definition
        definition.instructions = definition.instructions.adding("\n\n" + words)
        return definition
    }

    /// Whose script answers first.
    private func speaker(for target: String, in project: Project) -> String {
        let name = String(target.drop { $0 != ":" }.dropFirst())
        guard target.hasPrefix("team:"), let team = project.teams[name] else { return name }
        return (team.leader ?? team.members.first?.target).map { String($0.drop { $0 != ":" }.dropFirst()) } ?? name
    }

    private func suggestions(of rehearsal: RehearsalProvider, for agent: String) -> [Language: [String]] {
        [.english: rehearsal.suggestions(for: agent, in: "en"), .portuguese: rehearsal.suggestions(for: agent, in: "pt-BR")]
    }

    private func registry(
        _ project: Project,
        _ circumstances: ProjectCircumstances,
        _ rehearsal: RehearsalProvider,
        _ isRehearsal: Bool
    ) -> ModelRegistry {
        ModelRegistry(
            project.providers.values.map { $0.configuration(in: circumstances.environment) },
            client: http,
            rehearsal: rehearsal,
            rehearses: isRehearsal,
            breakers: modelBreakers
        )
    }

    private func tools(of project: Project, _ circumstances: ProjectCircumstances) throws -> [any Tool] {
        let secrets = CurrentSecrets(
            circumstances: circumstances,
            known: known,
            accounts: accounts,
            connections: project.connections
        )
        let services = HTTPToolServices(
            client: http,
            allow: project.egressAllow,
            secrets: secrets,
            clock: clock,
            breakers: breakers
        )
        let builtIn = BuiltInTools.make(
            BuiltInTools.names,
            with: BuiltInTools.Dependencies(clock: clock, client: http, allow: project.egressAllow, timeZone: project.timeZone ?? "UTC")
        )
        let skills: [any Tool] = project.skills.isEmpty ? [] : [ReadSkillTool(project.skills, agents: project.skillsOfAgents)]
        let own = try project.tools.map { try HTTPTool($0, services: services) }
        let agents = try project.agentTools.map { try AgentTool($0, clock: clock) }
        return builtIn + stores.make(for: project.agents.values) + skills + own + agents
            + (try sqlTools(of: project, circumstances, secrets))
            + (try toolsElsewhere(of: project, circumstances, secrets))
    }
}
