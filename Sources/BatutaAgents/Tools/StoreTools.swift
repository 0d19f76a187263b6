public import BatutaCore
public import BatutaMemory
public import BatutaRuns

/// The built-in tools that work on the server's own store.
public struct StoreTools: Sendable {
    public let facts: FactStore
    public let experiments: ExperimentStore
    public let messages: EarlierMessages

    public init(facts: FactStore, experiments: ExperimentStore, messages: EarlierMessages) {
        self.facts = facts
        self.experiments = experiments
        self.messages = messages
    }

    /// For project loading and `check`: which names exist without a file, and how they are called.
    public static let definitions = MemoryTools.definitions + [RecordOutcomeTool.definition, SearchSessionsTool.definition]

    public static let names = definitions.map(\.name)

    /// The tools as the agents of a project have them.
    public func make(for agents: some Sequence<AgentDefinition>) -> [any Tool] {
        let namespaces = Dictionary(agents.map { ($0.name, $0.userMemory.namespace) }) { first, _ in first }
        return MemoryTools.make(facts, namespaces: MemoryNamespaces(namespaces))
            + [RecordOutcomeTool(experiments: experiments), SearchSessionsTool(messages: messages)]
    }
}
