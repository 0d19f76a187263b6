public import BatutaCore

/// The prompts of a project as people see them: what agents are told, the blocks that they include, and the blocks' variants.
public struct ProjectPrompts: Sendable {
    public let prompts: [Prompt]

    public struct Prompt: Sendable {
        /// `agent:NAME`, `BLOCK` or `BLOCK@VARIANT`.
        public var name: String
        public var kind: Kind
        public var path: String
        public var description: String
        /// The whole file, front matter included; secrets in it are masked.
        public var text: String
        /// Blocks that it includes itself.
        public var includes: [String]
        /// Agents whose prompt it is part of.
        public var usedBy: [String]
        /// Only of agents.
        public var variables: [VariableDeclaration]
        /// Of a block with variants, and of each of those: all of them with their weights, the block itself as `default`.
        public var weights: [(name: String, weight: Int)]

        public var version: String { PromptVersion.hash(of: Array(text.utf8)) }
    }

    public enum Kind: String, Sendable {
        case agent, block, variant
    }

    /// - Parameter files: What a snapshot holds.
    public init(files: [String: [UInt8]]) {
        let parsed = ParsedProject(files)
        let blocks = PromptBlocks(parsed.prompts)
        let users = Self.users(parsed, blocks)
        func text(_ path: String) -> String { String(decoding: files[path] ?? [], as: UTF8.self) }
        let agents = parsed.agents.map { agent in
            Prompt(
                name: "agent:" + agent.name,
                kind: .agent,
                path: agent.path,
                description: agent.value.description ?? "",
                text: text(agent.path),
                includes: PromptIncludes.names(in: agent.body),
                usedBy: [agent.name],
                variables: agent.value.variables.map { $0.value.declaration(named: $0.name) },
                weights: []
            )
        }
        let others = parsed.prompts.map { prompt in
            let block = String(prompt.stem.prefix { $0 != "@" })
            return Prompt(
                name: prompt.stem,
                kind: block == prompt.stem ? .block : .variant,
                path: prompt.path,
                description: prompt.value.description ?? "",
                text: text(prompt.path),
                includes: PromptIncludes.names(in: prompt.body),
                usedBy: users[block]?.sorted() ?? [],
                variables: [],
                weights: blocks.weights(of: block)
            )
        }
        prompts = agents.sorted { $0.name < $1.name } + others.sorted { $0.name < $1.name }
    }

    public subscript(name: String) -> Prompt? { prompts.first { $0.name == name } }

    /// The file of a prompt, also of one that the project has no more.
    public static func path(of name: String) -> String? {
        let isAgent = name.hasPrefix("agent:"), bare = isAgent ? String(name.dropFirst("agent:".count)) : name
        let parts = bare.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= (isAgent ? 1 : 2), parts.allSatisfy(ProjectLayout.isName) else { return nil }
        return (isAgent ? "agents/" : "prompts/") + bare + ".md"
    }

    /// By block: the agents that come to it, by whatever way.
    private static func users(_ parsed: ParsedProject, _ blocks: PromptBlocks) -> [String: Set<String>] {
        var users: [String: Set<String>] = [:]
        for agent in parsed.agents {
            var waiting = PromptIncludes.names(in: agent.body)
            while let block = waiting.popLast() {
                guard users[block, default: []].insert(agent.name).inserted else { continue }
                for body in blocks.bodies(of: block) { waiting += PromptIncludes.names(in: body) }
            }
        }
        return users
    }
}

extension PromptIncludes {
    /// The blocks that a text includes, each once, in their order.
    static func names(in text: String) -> [String] {
        var names: [String] = []
        for case .include(let name, _) in pieces(of: text) where !names.contains(name) { names.append(name) }
        return names
    }
}

extension PromptBlocks {
    func bodies(of name: String) -> [String] {
        switch self[name] {
        case .text(let file): [file.body]
        case .variants(let variants): variants.map(\.file.body)
        case nil: []
        }
    }

    /// Each variant with its weight; empty for a block that has none.
    func weights(of name: String) -> [(name: String, weight: Int)] {
        guard case .variants(let variants) = self[name] else { return [] }
        return variants.map { ($0.name, $0.weight) }
    }
}
