import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// What a node's tools in processes of their own, and on servers of others, need beside the project.
struct NodeTools: Sendable {
    let python: PythonProcesses
    let servers: MCPServers
    let store: MCPToolStore
    private let logger: Logger

    init(_ settings: NodeSettings, http: HTTPClient, database: any Database, clock: any ProjectClock, known: KnownSecrets, logger: Logger) {
        // Processes of tools work in the project's folder, where a path that is relative to ours leads elsewhere.
        let folder = settings.hasProjectFile ? ProgramSearch.absolute(settings.projectFolder) : nil
        let copies = ProgramSearch.absolute(settings.storeFolder + "/python")
        python = PythonProcesses(folder: copies, projectFolder: folder, logger: logger)
        servers = MCPServers(client: http, logger: logger, folder: folder, mask: known.mask)
        store = MCPToolStore(database: database, clock: clock)
        self.logger = logger
    }

    /// What was accepted of servers' tools counts, and servers that nobody has met are asked for theirs.
    ///
    /// - Parameters:
    ///   - strangers: Whom the first run needs, as far as nobody has met them.
    ///   - performsRuns: Others only look, perhaps beside a server whose Python processes still run.
    func prepare(
        _ project: Project,
        _ circumstances: ProjectCircumstances,
        meeting strangers: [MCPServerDefinition],
        performsRuns: Bool
    ) async throws {
        if performsRuns { python.sweep() }
        try await servers.recall(from: store)
        servers.serve(only: project.toolServers)
        guard !strangers.isEmpty else { return }
        await care({ [] }, onChange: {}).meet(strangers) { circumstances.environment.render($0) }
    }

    func care(_ definitions: @escaping @Sendable () async -> [MCPServerDefinition], onChange: @escaping @Sendable () async -> Void)
        -> MCPCare
    {
        MCPCare(of: servers, in: store, definitions: definitions, onChange: onChange, logger: logger)
    }

    /// What an operator should look at.
    ///
    /// - Parameter tellsWhy: Whether the reader may know what a server says of itself.
    func troubles(tellsWhy: Bool) -> [Words] {
        servers.reports.flatMap { report -> [Words] in
            var troubles: [Words] = []
            if let failure = report.failure {
                let why = tellsWhy ? ": \(failure)" : ""
                troubles.append(
                    Words(
                        "The MCP server \(report.server) cannot be asked\(why). It is tried again.",
                        "Não dá para consultar o servidor MCP \(report.server)\(why). Nova tentativa em breve."
                    )
                )
            }
            if !report.held.isEmpty {
                let names = report.held.prefix(10).joined(separator: ", ")
                troubles.append(
                    Words(
                        "Tools of the MCP server \(report.server) are held until an admin accepts them: \(names) (batuta mcp).",
                        "Ferramentas do servidor MCP \(report.server) estão retidas até um admin aceitá-las: \(names) (batuta mcp)."
                    )
                )
            }
            for refused in report.refused.prefix(10) {
                troubles.append(
                    Words(
                        "The tool \(refused.tool) of the MCP server \(report.server) is offered to nobody",
                        "A ferramenta \(refused.tool) do servidor MCP \(report.server) não é oferecida a ninguém"
                    ) + Words(tellsWhy ? ": " : "", tellsWhy ? ": " : "") + (tellsWhy ? refused.why : Words("", "")) + Words(".", ".")
                )
            }
            return troubles
        }
    }

    /// The servers that cannot be asked, by name.
    var failing: [String] { servers.reports.filter { $0.failure != nil }.map { "mcp:\($0.server)" } }

    /// Ends every process.
    func close() async {
        async let ended: Void = python.close()
        await servers.close()
        await ended
    }
}

extension ProjectCompiler {
    /// Tools in Python, and tools of servers as far as they were accepted.
    func toolsElsewhere(of project: Project, _ circumstances: ProjectCircumstances, _ secrets: any ToolSecretSource) throws -> [any Tool] {
        let surroundings = tools.python.surroundings(project.pythonVariables(in: circumstances.environment))
        let python = try project.pythonTools.map { definition in
            try PythonTool(
                definition,
                files: project.pythonFiles,
                processes: tools.python,
                surroundings: surroundings,
                secrets: secrets,
                clock: clock
            )
        }
        let environment = circumstances.environment
        return python + (try tools.servers.tools(of: project.toolServers, secrets: secrets, clock: clock) { environment.render($0) })
    }
}

extension NodeParts {
    /// Looks after the servers of tools until it is cancelled.
    func careForToolServers() async {
        let care = tools.care({ await served.current.toolServers }, onChange: { await renew() })
        if role.performsRuns { await care.run() } else { await care.followStore() }
    }
}
