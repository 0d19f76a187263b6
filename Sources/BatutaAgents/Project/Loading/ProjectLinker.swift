import BatutaCore
import BatutaModels
import BatutaTools

/// Puts the files of a project together: names become what they stand for, and every name that stands for nothing is told.
struct ProjectLinker {
    let parsed: ParsedProject
    let file: ProjectFile
    var problems: [ProjectProblem] = []
    var references: [EnvironmentReference] = []
    /// Agents and tools that have a file and could not be made of it. Why is told there; naming them is no further mistake.
    var unusable: Set<String> = []
    /// The skills that there are, and which agents have which.
    var linkedSkills: [Skill] = []
    var skillsOfAgents: [String: [String]] = [:]
    /// What has to be looked up when all tools are known.
    var settlements: [NamedSettlement] = []
    var linkedServers: [MCPServerDefinition] = []
    /// By which names results are kept, and by which they are made stale.
    var cacheTags = CacheTags()
    var statementPlaces: [String: StatementPlace] = [:]
    /// The project's own tools, and the server's.
    var toolDefinitions: [ToolDefinition] = []
    /// Agents with a mistake in their file: what they lack may be just that.
    var mistaken: Set<String> = []
    var brokenNames: Set<String> { parsed.brokenNames.union(unusable) }

    init(_ parsed: ParsedProject) {
        self.parsed = parsed
        file = parsed.file ?? ProjectFile()
    }

    /// Tools of the server's own that agents may name.
    static let builtInDefinitions = BuiltInTools.definitions + StoreTools.definitions + [ReadSkillTool.definition]
    static let builtInTools = builtInDefinitions.map(\.name)
    /// Tools of the language that this version does not have.
    static let laterTools = [
        "search_knowledge", "run_python", "run_shell", "web_search", "delegate", "ask_person",
        "read_file", "write_file", "edit_file", "list_files",
    ]

    mutating func link(name: String) -> Project {
        let models = linkModels()
        let providers = linkProviders()
        let profiles = linkRetryProfiles()
        let databases = linkDatabases()
        let connections = linkConnections()
        let tools = linkTools(profiles, databases)
        let pythonTools = linkPythonTools(profiles, besides: tools.names)
        let toolServers = linkToolServers(profiles)
        let definitions = tools.definitions + pythonTools.map(\.definition)
        toolDefinitions = definitions + Self.builtInDefinitions
        checkSettlements(toolDefinitions, toolServers)
        checkCacheTags()
        linkedSkills = linkSkills()
        let agents = linkAgents(models, toolNames: definitions.map(\.name))
        let teams = linkTeams(agents, toolDefinitions)
        let channels = linkChannels()
        let policies = linkPolicies(definitions)
        let schedules = linkSchedules(agents, toolDefinitions)
        let rehearsals = linkRehearsals(agents, toolNames: definitions.map(\.name))
        for required in file.requiredEnvironment {
            references.append(
                EnvironmentReference(
                    name: required.value,
                    isSecret: false,
                    purpose: .required,
                    path: ProjectLayout.projectFile,
                    line: required.line
                )
            )
        }
        checkTimeZone()
        let budgets = linkBudgets()
        let embedding = linkEmbedding(providers, for: agents)
        checkPrices(of: agents, models, embedding, for: budgets)
        checkPriceNames(agents)
        checkRoom(in: budgets, for: agents)
        checkScheduleCosts(schedules, agents, teams, models)
        var project = Project(
            name: file.name ?? name,
            defaultTarget: linkDefault(agents, teams),
            language: file.language ?? "en",
            timeZone: file.timeZone?.value,
            models: models,
            providers: providers,
            limits: file.limits.common,
            retryProfiles: profiles.mapValues(\.policy),
            egressAllow: file.egressAllow.allow,
            rateLimits: file.rateLimits,
            profile: file.profile?.schema,
            variables: JSONObject(unique: file.variables.map { (key: $0.name, value: $0.value) }),
            agents: agents,
            teams: teams,
            tools: tools.http,
            sqlTools: tools.sql,
            pythonTools: tools.python + pythonTools,
            pythonFiles: parsed.python,
            toolServers: toolServers,
            agentTools: tools.agents,
            databases: databases,
            connections: connections,
            skills: linkedSkills,
            skillsOfAgents: skillsOfAgents,
            policies: policies,
            rehearsals: rehearsals,
            schedules: schedules,
            channels: channels,
            rehearsesWithoutKey: file.rehearsal == "when_no_key",
            metricsAreOpen: file.metrics == "open",
            prices: linkPrices(),
            budgets: budgets,
            settings: file.server.settings,
            references: references,
            snapshot: ProjectSnapshot(files: [:])
        )
        project.embedding = embedding
        project.datedPrices = datedPrices
        project.statementPlaces = statementPlaces
        project.namedServerTools = namedServerTools
        return project
    }

    /// Tells a problem of batuta.yaml.
    mutating func tell(_ line: Int, _ message: Words, hint: Words? = nil, severity: ProjectProblem.Severity = .error) {
        problems.append(ProjectProblem(path: ProjectLayout.projectFile, line: line, message: message, hint: hint, severity: severity))
    }

    private mutating func checkTimeZone() {
        guard let zone = file.timeZone, TimeZoneRules.named(zone.value) == nil else { return }
        tell(zone.line, .unknownZone(zone.value), hint: .writeZone)
    }

    /// `default`, or the only agent there is.
    private mutating func linkDefault(_ agents: [String: AgentDefinition], _ teams: [String: TeamDefinition]) -> String? {
        guard let target = file.defaultTarget else {
            if teams.count == 1, let only = teams.keys.first { return "team:\(only)" }
            if agents.count == 1, let only = agents.keys.first { return "agent:\(only)" }
            if agents.count > 1 {
                let message = Words(
                    "`default` is missing: every session has to name whom it talks to",
                    "falta `default`: cada sessão vai ter de dizer com quem fala"
                )
                tell(1, message, hint: Self.writeDefault, severity: .warning)
            }
            return nil
        }
        let names = TeamNames(agents: Array(agents.keys), teams: Array(teams.keys), broken: brokenNames)
        if let known = names.target(of: target.value) { return known }
        var list = ProblemList(path: ProjectLayout.projectFile)
        if !names.isBroken(target.value) { list.unknownTarget(target, among: names) }
        problems += list.problems
        return nil
    }

    private static let writeDefault = Words("write default: agent:NAME or team:NAME", "escreva default: agent:NOME ou team:NOME")
}

extension ParsedProject.Parsed<AgentFile> {
    /// What the file says, or its own name.
    var name: String { value.name?.value ?? stem }
}

extension ParsedProject.Parsed<ToolFile> {
    /// What the file says, or its own name.
    var name: String { value.name?.value ?? stem }
}

extension Words {
    static let renameFile = Words("rename the file, or write `name`", "mude o nome do arquivo, ou escreva `name`")
}
