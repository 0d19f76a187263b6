import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTools

/// What `check` finds out of a project's servers of tools by asking them: whether they answer, and whether they have what agents name.
enum ToolServerChecks {
    private static let patience = Duration.seconds(20)

    /// Warnings: a server that is down now may be up when it is wanted.
    static func problems(of project: Project, _ circumstances: ProjectCircumstances, _ settings: NodeSettings) async throws
        -> [ProjectProblem]
    {
        guard !project.toolServers.isEmpty else { return [] }
        let http = try HTTPClient()
        let servers = MCPServers(client: http, logger: .silent, folder: settings.projectFolder)
        let environment = circumstances.environment
        let found = await servers.ask(project.toolServers, within: patience) { environment.render($0) }
        await servers.close()
        http.shutdown()
        return project.toolServers.flatMap { server -> [ProjectProblem] in
            switch found[server.name] {
            case .failure(let problem): [down(server, problem.words)]
            case .success(let names): missing(names, of: server, in: project)
            case nil: []
            }
        }
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

    private static func missing(_ names: [String], of server: MCPServerDefinition, in project: Project) -> [ProjectProblem] {
        let prefix = "mcp:\(server.name)/"
        return project.agents.values.sorted { $0.name < $1.name }.flatMap { agent in
            agent.tools.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
                .filter { wanted in !names.contains { Glob.matches(wanted, $0) } }
                .map { wanted in
                    let near = nearestNames(to: wanted, among: names, limit: 1).first
                    return ProjectProblem(
                        path: "agents/\(agent.name).md",
                        line: 1,
                        message: Words(
                            "the server `\(server.name)` has no tool `\(wanted)`",
                            "o servidor `\(server.name)` não tem a ferramenta `\(wanted)`"
                        ),
                        hint: near.map { Words("did you mean `\(prefix)\($0)`?", "você quis dizer `\(prefix)\($0)`?") },
                        severity: .warning
                    )
                }
        }
    }
}
