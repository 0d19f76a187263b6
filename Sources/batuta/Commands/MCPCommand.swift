import BatutaCore

/// `batuta mcp`: the project's servers of tools, what waits to be accepted, and accepting it.
struct MCPCommand: Command {
    static let name = "mcp"
    static let synopsis = Words("[list] | accept SERVER [TOOL]", "[list] | accept SERVIDOR [FERRAMENTA]")
    static let mostWords = 3
    static let summary = Words(
        "shows MCP servers and their tools, and accepts descriptions that changed",
        "mostra os servidores MCP e suas ferramentas, e aceita descrições que mudaram"
    )
    static let options: [Option] = [.project, .database, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case (nil, 0), ("list", 1): return try await list(context)
        case ("accept", 2), ("accept", 3): return try await accept(words[1], words.count > 2 ? words[2] : nil, context)
        default: throw CommandFailure.usage(Self.usage(context.language))
        }
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            let servers = try await client.get("/v1/mcp")["data"]?.array ?? []
            if servers.isEmpty {
                context.output.errorLine(context.say(Words("The project has no MCP servers.", "O projeto não tem servidores MCP.")))
            }
            for server in servers { show(server, context) }
            return .done
        }
    }

    private func show(_ server: JSON, _ context: CommandContext) {
        let name = server["server"]?.string ?? ""
        let tools = server["tools"]?.array ?? []
        let version = server["version"]?.string.map { "  \($0)" } ?? ""
        let failure = server["failure"]?.string.map { "  \(context.output.styled($0, .red))" } ?? ""
        context.output.outLine("\(name)\(version)\(failure)")
        if tools.isEmpty {
            context.output.outLine(context.say(Words("  nothing is known of its tools yet", "  ainda não se sabe que ferramentas ele tem")))
        }
        for tool in tools { show(tool, of: name, context) }
    }

    private func show(_ tool: JSON, of server: String, _ context: CommandContext) {
        let name = "mcp:\(server)/\(tool["tool"]?.string ?? "")"
        switch tool["state"]?.string {
        case "held":
            context.output.outLine("  \(context.output.styled("⏸", .yellow)) \(name)  \(context.say(Words("held", "retida")))")
            for (mark, key) in [("-", "accepted"), ("+", "pending")] {
                guard let description = tool[key], !description.isNull else { continue }
                context.output.outLine("      \(mark) \(description["description"]?.string ?? "")")
                context.output.outLine("      \(mark) \((description["inputSchema"] ?? .null).text)")
            }
            context.output.outLine("      batuta mcp accept \(server) \(tool["tool"]?.string ?? "")\(context.samePlace)")
        case "refused":
            let words = Words("refused", "recusada")
            context.output.outLine(
                "  \(context.output.styled("✗", .red)) \(name)  \(context.say(words)): \(tool["why"]?.string ?? "")"
            )
        case "gone": context.output.outLine("  – \(name)  \(context.say(Words("not there any more", "não existe mais")))")
        default: context.output.outLine("  \(context.output.styled("✓", .green)) \(name)  \(tool["effect"]?.string ?? "")")
        }
    }

    private func held(of server: String, _ tool: String?, _ client: APIClient) async throws -> [JSON] {
        let servers = try await client.get("/v1/mcp")["data"]?.array ?? []
        let tools = servers.first { $0["server"]?.string == server }?["tools"]?.array ?? []
        return tools.filter { $0["state"]?.string == "held" && (tool == nil || $0["tool"]?.string == tool) }
    }

    private func accept(_ server: String, _ tool: String?, _ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            let held = try await held(of: server, tool, client)
            for entry in held { show(entry, of: server, context) }
            // What was shown right here is what counts, not what the server may say a moment later.
            let digests = held.compactMap { entry in entry["tool"]?.string.map { ($0, entry["digest"] ?? .null) } }
            let named = tool.map { [("tool", JSON.string($0))] } ?? []
            let body: JSON = .object(JSONObject(named + [("digests", .object(JSONObject(digests)))]))
            let count = try await client.post("/v1/mcp/\(server)/accept", body)["accepted"]?.int ?? 0
            let words = Words(
                count == 1 ? "One tool is accepted." : "\(count) tools are accepted.",
                count == 1 ? "Uma ferramenta foi aceita." : "\(count) ferramentas foram aceitas."
            )
            context.output.errorLine(context.say(words))
            return .done
        }
    }
}
