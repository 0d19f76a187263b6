public import BatutaCore

/// What one agent can call: the list that its model is offered, and the only names that a call may use.
public struct ToolRegistry: Sendable {
    /// Everything the project has; settling tools and facts are looked up here.
    public let catalog: ToolCatalog
    private let entries: [ToolCatalog.Entry]

    public init(catalog: ToolCatalog, offering wanted: [String]) {
        self.catalog = catalog
        var entries: [ToolCatalog.Entry] = []
        entries.reserveCapacity(wanted.count)
        for name in wanted {
            guard let entry = catalog.entry(name), !entries.contains(where: { $0.offer.name == entry.offer.name }) else { continue }
            entries.append(entry)
        }
        self.entries = entries
    }

    private init(catalog: ToolCatalog, entries: [ToolCatalog.Entry]) {
        self.catalog = catalog
        self.entries = entries
    }

    /// The same with tools that only this agent has; they come first.
    public func adding(_ tools: [any Tool]) -> ToolRegistry {
        let own = tools.map { ToolCatalog.Entry($0) }
        let names = own.map(\.offer.name)
        return ToolRegistry(catalog: catalog, entries: own + entries.filter { !names.contains($0.offer.name) })
    }

    /// What a call hands to another run; nil for one that does not.
    public func delegation(of tool: String, _ arguments: JSON) -> Delegation? { entry(tool)?.delegating?.delegation(for: arguments) }

    public func delegates(_ tool: String) -> Bool { entry(tool)?.delegating != nil }

    /// Project names (`mcp:docs/add`), in the agent's order.
    public var names: [String] { entries.map(\.definition.name) }

    /// What a model request carries, with names as models can write them.
    public var offers: [ToolOffer] { entries.map(\.offer) }

    public var definitions: [ToolDefinition] { entries.map(\.definition) }

    /// The project's name for what a model called, by either spelling; nil when the agent has no such tool.
    public func projectName(of called: String) -> String? { entry(called)?.definition.name }

    /// What is known of a tool that the agent has, by either spelling.
    public func definition(of called: String) -> ToolDefinition? { entry(called)?.definition }

    public func tool(_ called: String) -> (any Tool)? { entry(called)?.tool }

    /// Wire names first: one tool's wire name may be another's name in the project.
    func entry(_ called: String) -> ToolCatalog.Entry? {
        entries.first { $0.offer.name == called } ?? entries.first { $0.definition.name == called }
    }

    /// The answer to a call of something that the agent does not have (S3.30).
    public func unknownTool(_ called: String) -> ToolResult {
        let known = names.map(WireName.of)
        var words = "There is no tool \(quoted(called))."
        let near = nearestNames(to: called, among: known)
        if !near.isEmpty { words += " Did you mean \(near.joined(separator: " or "))?" }
        words +=
            known.isEmpty ? " You have no tools: answer without calling one." : " The tools you can call: \(known.joined(separator: ", "))."
        return .failure(words, code: ToolCode.unknownTool.rawValue)
    }

    /// What an agent's instructions say of its functions, made from the registry (S3.31); what each takes is said where they are offered.
    /// nil without any.
    public var availableFunctions: String? { Self.availableFunctions(entries.map(\.offer.name)) }

    /// - Parameter names: as models write them.
    public static func availableFunctions(_ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        return "The functions that you can call are exactly these, no others exist: \(names.joined(separator: ", "))."
    }
}
