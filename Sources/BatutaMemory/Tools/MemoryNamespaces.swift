/// Whose facts an agent's are, by the agent's name. An agent that says nothing has its own.
public struct MemoryNamespaces: Sendable {
    private let names: [String: String]

    public init(_ names: [String: String] = [:]) { self.names = names }

    public subscript(agent: String) -> String { names[agent] ?? agent }
}
