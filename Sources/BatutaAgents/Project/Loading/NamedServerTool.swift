import BatutaCore

/// A place in a project's files that names a tool of a server. Which tools a server has is known when it is asked.
public struct NamedServerTool: Sendable, Hashable {
    public var path: String
    public var line: Int
    /// As under `mcp` in batuta.yaml.
    public var server: String
    /// The server's own name for it, or a glob.
    public var tool: String
    /// It is called in any case, as by a node of a graph; an agent goes on without what it does not have.
    public var isNeeded: Bool

    /// nil for a name of another kind.
    init?(_ named: Located<String>, in path: String, isNeeded: Bool = false) {
        guard named.value.hasPrefix("mcp:") else { return nil }
        let words = named.value.dropFirst(4).split(separator: "/", maxSplits: 1)
        guard words.count == 2 else { return nil }
        (self.path, line) = (path, named.line)
        (server, tool) = (String(words[0]), String(words[1]))
        self.isNeeded = isNeeded
    }
}

extension ProjectLinker {
    /// Every such place: agents' lists, nodes of graphs, policies with their facts, and what settles calls.
    var namedServerTools: [NamedServerTool] {
        var found: [NamedServerTool?] = []
        for agent in parsed.agents { found += agent.value.tools.names.map { NamedServerTool($0, in: agent.path) } }
        for team in parsed.teams {
            found += team.value.nodes.compactMap(\.value.tool).map { NamedServerTool($0, in: team.path, isNeeded: true) }
        }
        for policy in parsed.policies {
            let names = [policy.value.tool].compactMap(\.self) + policy.value.facts.compactMap(\.value.tool)
            found += names.map { NamedServerTool($0, in: policy.path) }
        }
        found += settlements.map { NamedServerTool($0.tool, in: $0.path) }
        return found.compactMap(\.self)
    }
}
