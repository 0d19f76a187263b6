import BatutaAgents
import BatutaCore
import BatutaHTTP
public import BatutaTools

/// What routes about servers of tools work on.
public struct ToolServerServices: Sendable {
    public let servers: MCPServers
    public let store: MCPToolStore

    public init(servers: MCPServers, store: MCPToolStore) {
        self.servers = servers
        self.store = store
    }
}

/// `/v1/mcp`: the project's servers of tools, what they say of their tools, and what an admin has agreed to.
struct ToolServerRoutes: EndpointGroup {
    let project: ProjectServices
    let status: ServerStatus

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/mcp", "List the project's MCP servers with their tools, held ones included", role: .admin, list),
            Endpoint(
                .post,
                "/v1/mcp/{server}/accept",
                "Accept what a server now says of its tools, or of one of them",
                role: .admin,
                accept
            ),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let definitions = await project.served.current.toolServers
        guard let services = project.toolServers else { return .json(["data": [], "next_cursor": .null]) }
        let reports = services.servers.reports(of: definitions)
        let servers = zip(definitions, reports).map { definition, report in
            report.json(definition, services.servers.records(of: definition), call.reader)
        }
        return .json(["data": .array(servers), "next_cursor": .null])
    }

    private func accept(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["tool", "digests"])
        let tool = fields.string("tool")
        let seen = fields.object("digests")?.object
        try fields.check()
        let name = call.request.parameters["server"]
        guard let services = project.toolServers, await project.served.current.toolServers.contains(where: { $0.name == name }) else {
            throw Problem(.notFound, code: "not_found", Words("There is no MCP server \(name).", "Não existe o servidor MCP \(name)."))
        }
        let count: Int
        do {
            let digests = seen.map { Dictionary($0.map { ($0.key, $0.value.string ?? "") }) { first, _ in first } }
            count = try await services.store.accept(server: name, tool: tool, seen: digests, by: call.principal.id)
        } catch let error as MCPToolStore.ChangedMeanwhile {
            throw Self.changed(error.tool, of: name)
        }
        if let tool, count == 0 {
            let words = Words(
                "\(name) has no tool \(tool) that waits to be accepted.",
                "\(name) não tem ferramenta \(tool) à espera de aceitação."
            )
            throw Problem(.notFound, code: "not_found", words)
        }
        if try await services.servers.recall(from: services.store) { try await project.renew(status) }
        return .json(["accepted": .int(count)])
    }
}

extension ToolServerRoutes {
    fileprivate static func changed(_ tool: String, of server: String) -> Problem {
        let words = Words(
            "\(server) says something else of \(tool) by now than what you looked at; nothing was accepted. Look again: batuta mcp",
            "\(server) já diz outra coisa de \(tool) do que você viu; nada foi aceito. Veja de novo: batuta mcp"
        )
        return Problem(.conflict, code: "version_conflict", words)
    }
}

extension MCPServers.Report {
    fileprivate func json(_ server: MCPServerDefinition, _ records: [MCPToolRecord], _ language: Language) -> JSON {
        [
            "server": .string(self.server), "version": version.map { .string($0) } ?? .null,
            "failure": failure.map { .string($0) } ?? .null,
            "tools": .array(records.map { $0.json(server, language) }),
        ]
    }
}

extension MCPToolRecord {
    private var state: String {
        if isGone { return "gone" }
        if refusal != nil { return "refused" }
        return isHeld ? "held" : "offered"
    }

    fileprivate func json(_ server: MCPServerDefinition, _ language: Language) -> JSON {
        let effect = (accepted ?? pending).map { server.definition(of: $0).effect.rawValue }
        return [
            "tool": .string(tool), "state": .string(state),
            "why": refusal.map { .string($0(language)) } ?? .null,
            "effect": effect.map { .string($0) } ?? .null, "accepted": accepted?.json ?? .null, "pending": pending?.json ?? .null,
            "digest": digest.map { .string($0) } ?? .null, "accepted_by": acceptedBy.map { .string($0) } ?? .null,
        ]
    }
}
