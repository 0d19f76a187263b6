public import BatutaCore

/// The tools of memory, for project loading and `check`.
public enum MemoryTools {
    public static let definitions = [RememberTool.definition, RecallTool.definition]
    public static let names = definitions.map(\.name)

    public static func make(_ facts: FactStore, namespaces: MemoryNamespaces) -> [any Tool] {
        [RememberTool(facts: facts, namespaces: namespaces), RecallTool(facts: facts, namespaces: namespaces)]
    }
}
