import BatutaCore

extension ProjectLinker {
    /// Makes the teams of their files.
    mutating func linkTeams(_ agents: [String: AgentDefinition], _ tools: [ToolDefinition]) -> [String: TeamDefinition] {
        let names = TeamNames(agents: Array(agents.keys), teams: parsed.teams.map(\.name), broken: brokenNames)
        let limits = file.limits.common
        var teams: [String: TeamDefinition] = [:]
        for parsed in parsed.teams {
            var linker = TeamLinker(parsed, names, tools: tools, limits: limits, of: self)
            linker.checks.types = ExpressionScopes.common(self.parsed)
            linker.outputs = agents.mapValues(ExpressionScopes.output)
            linker.promised = agents.compactMapValues { $0.output?.schema.source }
            let team = linker.link()
            if let team, teams[team.name] != nil {
                let message = Words("there is another team `\(team.name)`", "já existe outra equipe `\(team.name)`")
                linker.checks.problems.error(parsed.value.name?.line ?? parsed.line, message)
            } else if let team {
                teams[team.name] = team
            }
            problems += linker.checks.problems.problems
        }
        checkNesting(teams)
        unusable.formUnion(Set(parsed.teams.map(\.name)).subtracting(teams.keys))
        return teams
    }

    /// A team that is its own member, at whatever depth, would never have an answer.
    private mutating func checkNesting(_ teams: [String: TeamDefinition]) {
        for parsed in parsed.teams {
            guard let team = teams[parsed.name], reaches(team.name, from: team, in: teams) else { continue }
            let message = Words("the team `\(team.name)` is a member of itself", "a equipe `\(team.name)` é membro de si mesma")
            problems.append(ProjectProblem(path: parsed.path, line: parsed.value.members.first?.line ?? parsed.line, message: message))
        }
    }

    private func reaches(_ name: String, from team: TeamDefinition, in teams: [String: TeamDefinition]) -> Bool {
        var seen: Set<String> = []
        var waiting = team.members.map(\.target)
        while let next = waiting.popLast() {
            guard next.hasPrefix("team:"), seen.insert(next).inserted else { continue }
            if next == "team:\(name)" { return true }
            waiting += teams[String(next.dropFirst(5))]?.members.map(\.target) ?? []
        }
        return false
    }
}

extension ParsedProject.Parsed<TeamFile> {
    /// What the file says, or its own name.
    var name: String { value.name?.value ?? stem }
}

/// Who can be a member.
struct TeamNames {
    let agents: [String]
    let teams: [String]
    /// Files that could not be read: naming them is no further mistake.
    let broken: Set<String>

    /// What a name stands for: `agent:NAME` before `team:NAME`; nil when it is nobody's.
    func target(of name: String) -> String? {
        if name.hasPrefix("agent:") { return agents.contains(String(name.dropFirst(6))) ? name : nil }
        if name.hasPrefix("team:") { return teams.contains(String(name.dropFirst(5))) ? name : nil }
        if agents.contains(name) { return "agent:\(name)" }
        return teams.contains(name) ? "team:\(name)" : nil
    }

    func isBroken(_ name: String) -> Bool { broken.contains(name.split(separator: ":").last.map(String.init) ?? name) }
}

extension ProblemList {
    /// A target, or a member, that is nobody.
    mutating func unknownTarget(_ target: Located<String>, among names: TeamNames) {
        let bare = target.value.split(separator: ":").last.map(String.init) ?? target.value
        let isKnown = names.agents.contains(bare) || names.teams.contains(bare)
        let what = target.value.hasPrefix("agent:") ? NamedThing.agent : .member
        let meant = names.agents.contains(bare) ? "agent:\(bare)" : "team:\(bare)"
        let hint = isKnown ? Words("write \(meant)", "escreva \(meant)") : Hint.nearest(to: bare, among: names.agents + names.teams)
        error(target.line, what.unknown((isKnown ? target.value : bare).prefix(80)), hint: hint)
    }
}

/// Makes one team of its file.
struct TeamLinker {
    let parsed: ParsedProject.Parsed<TeamFile>
    let names: TeamNames
    let tools: [ToolDefinition]
    private let limits: RunLimits
    let project: ProjectLinker
    var checks: TemplateChecks
    /// What is known of agents' outputs, by their names.
    var outputs: [String: ExpressionType] = [:]
    /// Where the results of nodes are read.
    var uses: [ResultUse] = []

    struct ResultUse {
        var node: String
        var at: String
        /// On an edge that leaves `at`, so that its own result is there.
        var isAfter: Bool
        var line: Int
    }

    /// The schemas that agents' answers fit, by their names.
    var promised: [String: JSON] = [:]

    init(
        _ parsed: ParsedProject.Parsed<TeamFile>,
        _ names: TeamNames,
        tools: [ToolDefinition],
        limits: RunLimits,
        of project: ProjectLinker
    ) {
        self.parsed = parsed
        self.names = names
        self.tools = tools
        self.limits = limits
        self.project = project
        checks = TemplateChecks(path: parsed.path)
    }

    var file: TeamFile { parsed.value }

    mutating func link() -> TeamDefinition? {
        if file.name == nil, !ProjectLayout.isName(parsed.stem) {
            let message = Words("`\(parsed.stem)` is no name for a team", "`\(parsed.stem)` não serve de nome de equipe")
            checks.problems.error(1, message, hint: .renameFile)
        }
        guard let mode = file.mode else { return nil }
        return mode.value == "graph" ? linkGraph() : linkLed(mode.value)
    }

    // MARK: Teams with a leader

    private mutating func linkLed(_ mode: String) -> TeamDefinition? {
        refuse(
            file.start.map { ($0.line, "start") },
            file.nodes.first.map { ($0.line, "nodes") },
            file.edges.first.map { ($0.line, "edges") }
        )
        let members = file.members.compactMap { member($0) }
        if file.members.isEmpty, parsed.isBlank("members") {
            checks.problems.error(
                parsed.line,
                Words("the team has no members", "a equipe não tem membros"),
                hint: Words("write members: [agent, …]", "escreva members: [agente, …]")
            )
        }
        refuseNamesakes(members)
        guard let leader = leader(), !members.isEmpty, members.count == file.members.count else { return nil }
        if members.contains(where: { $0.target == leader }) {
            let message = Words("the leader is a member too: it would ask itself", "o líder também é membro: ele perguntaria a si mesmo")
            checks.problems.error(file.leader?.line ?? parsed.line, message)
        }
        let plan: TeamPlan
        switch mode {
        case "route": plan = .route
        case "collaborate": plan = .collaborate(members: members.map(\.name))
        default: plan = .coordinate
        }
        return definition(leader: leader, members: members, plan: plan)
    }

    /// A leader calls members by their bare names.
    private mutating func refuseNamesakes(_ members: [TeamDefinition.Member]) {
        var seen: Set<String> = []
        for (member, name) in zip(members, file.members) where !seen.insert(member.name).inserted {
            let message = Words("two members are called \(member.name)", "dois membros se chamam \(member.name)")
            let hint = Words("the leader could reach only one of them", "o líder só alcançaria um deles")
            checks.problems.error(name.line, message, hint: hint)
        }
    }

    private mutating func leader() -> String? {
        guard let leader = file.leader else {
            checks.problems.error(
                parsed.line,
                Words("the team has no leader", "a equipe não tem líder"),
                hint: Words("write leader: with the name of an agent", "escreva leader: com o nome de um agente")
            )
            return nil
        }
        let target = names.target(of: leader.value)
        if target?.hasPrefix("team:") == true {
            checks.problems.error(leader.line, Words("a leader is an agent, not a team", "o líder é um agente, não uma equipe"))
            return nil
        }
        if target == nil, !names.isBroken(leader.value) {
            checks.problems.unknown(.agent, leader.value, among: names.agents, line: leader.line)
        }
        return target
    }

    /// An agent or a team by its name.
    mutating func member(_ name: Located<String>) -> TeamDefinition.Member? {
        guard let target = names.target(of: name.value) else {
            if !names.isBroken(name.value) { checks.problems.unknownTarget(name, among: names) }
            return nil
        }
        let bare = name.value.split(separator: ":").last.map(String.init) ?? name.value
        return TeamDefinition.Member(name: bare, target: target)
    }

    func definition(leader: String?, members: [TeamDefinition.Member], plan: TeamPlan, tools: [String] = []) -> TeamDefinition? {
        guard ProjectLayout.isName(parsed.name) else { return nil }
        return TeamDefinition(
            name: parsed.name,
            description: file.description ?? "",
            leader: leader,
            members: members,
            plan: plan,
            tools: tools,
            limits: file.limits.limits(over: limits)
        )
    }

    /// Keys that mean nothing in this mode.
    mutating func refuse(_ keys: (line: Int, key: String)?...) {
        for (line, key) in keys.compactMap(\.self) {
            let mode = file.mode?.value ?? ""
            let message = Words("`\(key)` means nothing in mode \(mode)", "`\(key)` não significa nada no modo \(mode)")
            checks.problems.error(line, message, hint: Words("remove it, or change `mode`", "remova, ou mude `mode`"))
        }
    }
}
