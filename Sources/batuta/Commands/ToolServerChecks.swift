import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTools

/// What `check` and `doctor` find out of a project's servers of tools by asking them: whether they answer, and whether they have what agents name.
enum ToolServerChecks {
    private static let patience = Duration.seconds(20)

    /// Warnings, as a server that is down now may be up when it is wanted; a node of a graph that calls what there is not is an error.
    static func problems(
        of project: Project,
        _ circumstances: ProjectCircumstances,
        _ settings: NodeSettings,
        _ context: CommandContext
    ) async throws -> [ProjectProblem] {
        let found = try await ask(project, circumstances.environment, settings, context)
        return project.toolServers.flatMap { server -> [ProjectProblem] in
            switch found[server.name] {
            case .failure(let problem): [down(server, problem.words)]
            case .success(let names): missing(names, of: server, in: project) + idle(names, of: server)
            case nil: []
            }
        }
    }

    /// What `doctor` says of the servers: how many tools each has, or why it cannot be asked.
    static func diagnoses(_ settings: NodeSettings, _ context: CommandContext) async -> [Diagnosis] {
        guard settings.hasProjectFile, let project = Project.load(folder: settings.projectFolder).draft, !project.toolServers.isEmpty
        else { return [] }
        // Without the store there are still the secrets of the environment.
        let stored = try? await StoredCircumstances.read(try NodeSettings.local(context, project: project))
        guard let found = try? await ask(project, stored?.environment ?? settings.environment, settings, context) else { return [] }
        return project.toolServers.map { server in
            switch found[server.name] {
            case .success(let names): diagnosis(server, "\(names.count)", Words("tools of an MCP server", "ferramentas de um servidor MCP"))
            case .failure(let problem):
                diagnosis(
                    server,
                    nil,
                    Words(
                        "the MCP server cannot be asked: \(problem.words)",
                        "não deu para consultar o servidor MCP: \(problem.words)"
                    )
                )
            case nil: diagnosis(server, nil, .none)
            }
        }
    }

    private static func diagnosis(_ server: MCPServerDefinition, _ version: String?, _ purpose: Words) -> Diagnosis {
        Diagnosis(name: "mcp:\(server.name)", isFound: version != nil, version: version ?? "-", isRequired: false, purpose: purpose)
    }

    /// What each server's tools are called, or why that cannot be found out.
    private static func ask(
        _ project: Project,
        _ environment: EnvironmentView,
        _ settings: NodeSettings,
        _ context: CommandContext
    ) async throws -> [String: Result<[String], MCPServers.ServerProblem>] {
        guard !project.toolServers.isEmpty else { return [:] }
        let http = try HTTPClient()
        let servers = MCPServers(client: http, logger: .silent, folder: settings.projectFolder)
        let notice = WaitingNotice(context: context)
        let found = await withTaskGroup(of: [String: Result<[String], MCPServers.ServerProblem>].self) { group in
            for server in project.toolServers {
                group.addTask {
                    await notice.during(Words("the MCP server `\(server.name)`", "o servidor MCP `\(server.name)`"), limit: patience) {
                        await servers.ask([server], within: patience) { environment.render($0) }
                    }
                }
            }
            return await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
        await servers.close()
        http.shutdown()
        return found
    }

    private static func down(_ server: MCPServerDefinition, _ words: String) -> ProjectProblem {
        ProjectProblem(
            path: ProjectLayout.projectFile,
            line: server.line,
            message: Words(
                "the server `\(server.name)` cannot be asked: \(words)",
                "não deu para consultar o servidor `\(server.name)`: \(words)"
            ),
            hint: Words(
                "calls of its tools fail until it answers",
                "enquanto ele não responder, as chamadas às ferramentas dele falham"
            ),
            severity: .warning
        )
    }

    /// Rules that no tool falls under: what such a rule was to guard is unguarded.
    private static func idle(_ names: [String], of server: MCPServerDefinition) -> [ProjectProblem] {
        server.rules.filter { rule in !names.contains { Glob.matches(rule.pattern, $0) } }.map { rule in
            let near = nearestNames(to: rule.pattern, among: names, limit: 1).first
            return ProjectProblem(
                path: ProjectLayout.projectFile,
                line: server.line,
                message: Words(
                    "mcp.\(server.name).tools: the server has no tool `\(rule.pattern)`, so the rule holds for nothing",
                    "mcp.\(server.name).tools: o servidor não tem a ferramenta `\(rule.pattern)`; a regra não vale para nada"
                ),
                hint: near.map { Words("did you mean `\($0)`?", "você quis dizer `\($0)`?") },
                severity: .warning
            )
        }
    }

    private static func missing(_ names: [String], of server: MCPServerDefinition, in project: Project) -> [ProjectProblem] {
        let prefix = "mcp:\(server.name)/"
        let wanted = project.namedServerTools.filter { $0.server == server.name }
        return wanted.filter { place in !names.contains { Glob.matches(place.tool, $0) } }.map { place in
            let near = nearestNames(to: place.tool, among: names, limit: 1).first
            return ProjectProblem(
                path: place.path,
                line: place.line,
                message: Words(
                    "the server `\(server.name)` has no tool `\(place.tool)`",
                    "o servidor `\(server.name)` não tem a ferramenta `\(place.tool)`"
                ),
                hint: near.map { Words("did you mean `\(prefix)\($0)`?", "você quis dizer `\(prefix)\($0)`?") },
                severity: place.isNeeded ? .error : .warning
            )
        }
    }
}
