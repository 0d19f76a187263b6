public import BatutaCore
public import BatutaMemory

/// The built-in tools that work on the server's own store.
public struct StoreTools: Sendable {
    public let facts: FactStore

    public init(facts: FactStore) { self.facts = facts }

    /// For project loading and `check`: which names exist without a file, and how they are called.
    public static let definitions = MemoryTools.definitions

    public static let names = definitions.map(\.name)

    /// The tools as the agents of a project have them.
    public func make(for agents: some Sequence<AgentDefinition>) -> [any Tool] {
        let namespaces = Dictionary(agents.map { ($0.name, $0.userMemory.namespace) }) { first, _ in first }
        return MemoryTools.make(facts, namespaces: MemoryNamespaces(namespaces))
    }
}
