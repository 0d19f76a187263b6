import BatutaCore

extension ProjectLinker {
    /// Schedules are read and checked; monitors among them have nobody yet who acts on them.
    mutating func linkSchedules(_ agents: [String: AgentDefinition], _ tools: [ToolDefinition]) -> [ScheduleDefinition] {
        var schedules: [ScheduleDefinition] = []
        for parsed in parsed.schedules {
            var linker = ScheduleLinker(parsed, of: self, tools: tools)
            let schedule = linker.link()
            if let run = parsed.value.run?.value.target { checkTarget(run, agents, &linker.checks.problems) }
            if let schedule {
                if schedules.contains(where: { $0.name == schedule.name }) {
                    let message = Words("there is another schedule `\(schedule.name)`", "já existe outro agendamento `\(schedule.name)`")
                    linker.checks.problems.error(parsed.value.name?.line ?? parsed.line, message)
                }
                schedules.append(schedule)
                checkChannels(parsed.value.monitor?.value.channels ?? [], in: &linker.checks.problems)
            }
            if let monitor = parsed.value.monitor { linker.checks.problems.warning(monitor.line, .monitorsRest) }
            problems += linker.checks.problems.problems
        }
        return schedules
    }

    /// A bare name is an agent's.
    private func checkTarget(_ target: Located<String>, _ agents: [String: AgentDefinition], _ list: inout ProblemList) {
        let names = TeamNames(agents: Array(agents.keys), teams: parsed.teams.map(\.name), broken: brokenNames)
        if names.target(of: target.value) == nil, !names.isBroken(target.value) { list.unknownTarget(target, among: names) }
    }
}

/// Makes one schedule of its file.
private struct ScheduleLinker {
    private let parsed: ParsedProject.Parsed<ScheduleFile>
    private let tools: [ToolDefinition]
    private let project: ProjectLinker
    private let projectZone: String?
    var checks: TemplateChecks

    init(_ parsed: ParsedProject.Parsed<ScheduleFile>, of linker: ProjectLinker, tools: [ToolDefinition]) {
        self.parsed = parsed
        self.tools = tools
        project = linker
        projectZone = linker.file.timeZone?.value
        checks = TemplateChecks(path: parsed.path)
        checks.types = ExpressionScopes.common(linker.parsed)
    }

    private static let userNames: Set<String> = ["profile", "user", "now"]

    private var file: ScheduleFile { parsed.value }

    /// nil when the file says too little; that is told already, or here.
    mutating func link() -> ScheduleDefinition? {
        let name = file.name?.value ?? parsed.stem
        if file.name == nil, !ProjectLayout.isName(name) {
            let message = Words("`\(name)` is no name for a schedule", "`\(name)` não serve de nome de agendamento")
            checks.problems.error(1, message, hint: .renameFile)
        }
        checkUsers()
        let zone = zone()
        let work = work()
        guard let timing = timing(), let work else { return nil }
        return ScheduleDefinition(
            name: name,
            title: file.title ?? name,
            timing: timing,
            timeZone: zone,
            misfire: file.misfire ?? .once,
            overlap: file.overlap ?? .skip,
            fanOut: file.users?.value,
            runAs: file.runAs?.value,
            work: work,
            costLimit: file.costLimit?.value
        )
    }

    private func timing() -> ScheduleDefinition.Timing? {
        if let cron = file.cron { return .cron(cron.value) }
        return file.every.map { .every($0.value) }
    }

    private mutating func zone() -> String {
        guard let zone = file.timeZone else { return projectZone ?? "UTC" }
        if TimeZoneRules.named(zone.value) == nil { checks.problems.error(zone.line, .unknownZone(zone.value), hint: .writeZone) }
        return zone.value
    }

    private mutating func checkUsers() {
        guard let users = file.users else { return }
        if case .users(let condition) = users.value {
            checks.condition(Located(value: condition, line: users.line), allowing: Self.userNames, for: .tool)
        }
        guard let runAs = file.runAs else { return }
        checks.problems.warning(
            runAs.line,
            Words(
                "`run_as` has no effect: with `for_each_user` each run is its own user's",
                "`run_as` não tem efeito: com `for_each_user` cada execução é do próprio usuário"
            ),
            hint: Words("remove one of the two", "remova um dos dois")
        )
    }

    private mutating func work() -> ScheduleDefinition.Work? {
        if let monitor = file.monitor?.value { return .monitor(link(monitor)) }
        guard let run = file.run?.value, let target = run.target, let content = run.content else { return nil }
        checks.text(content, allowing: Self.userNames, for: .tool)
        return .run(target: target.value, content: content.value)
    }

    private mutating func link(_ monitor: MonitorEntry) -> MonitorDefinition {
        let facts = FactChecks(tools: tools, project: project, names: Self.userNames)
        for fact in monitor.facts { facts.check(fact, with: &checks) }
        checks.types["facts"] = ExpressionScopes.facts(monitor.facts)
        let valueNames = Self.userNames.union(["facts"])
        if let value = monitor.value {
            checks.types["value"] = checks.condition(value, allowing: valueNames, for: .tool, isCondition: false)
        }
        let alertNames = monitor.value == nil ? valueNames : valueNames.union(["value"])
        for alert in monitor.alerts {
            if let condition = alert.condition { checks.condition(condition, allowing: alertNames, for: .tool) }
            if let text = alert.text { checks.text(text, allowing: alertNames, for: .tool) }
        }
        return MonitorDefinition(
            facts: monitor.facts.map(\.definition),
            value: monitor.value?.value,
            alerts: monitor.alerts.compactMap(\.definition),
            oncePer: monitor.oncePer,
            channels: monitor.channels.isEmpty ? [ProjectLinker.web] : monitor.channels.map(\.value)
        )
    }
}

extension TableEntry<FactEntry> {
    var definition: PolicyDefinition.Fact {
        PolicyDefinition.Fact(
            name: name,
            tool: value.tool?.value ?? "",
            arguments: value.arguments?.json.object ?? [:],
            cached: value.cached
        )
    }
}

extension AlertEntry {
    fileprivate var definition: MonitorDefinition.Alert? {
        guard let condition, let text else { return nil }
        return MonitorDefinition.Alert(condition: condition.value, level: level, text: text.value)
    }
}

extension Words {
    fileprivate static let monitorsRest = Words(
        "monitors are checked, but do not act in this version",
        "os monitores são conferidos, mas ainda não agem nesta versão"
    )

    static func unknownZone(_ name: String) -> Words {
        Words("unknown time zone `\(name.prefix(80))`", "não existe o fuso horário `\(name.prefix(80))`")
    }

    static let writeZone = Words("write an IANA name such as America/Sao_Paulo", "escreva um nome IANA, como America/Sao_Paulo")
}
