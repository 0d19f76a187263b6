public import BatutaCore

/// What one agent can call: the list that its model is offered, and the only names that a call may use.
public struct ToolRegistry: Sendable {
    /// Everything the project has; settling tools and facts are looked up here.
    public let catalog: ToolCatalog
    /// Project names (`mcp:docs/add`), in the agent's order.
    public let names: [String]
    private let byWireName: [String: String]

    public init(catalog: ToolCatalog, offering wanted: [String]) {
        self.catalog = catalog
        var names: [String] = []
        var byWireName: [String: String] = [:]
        for name in wanted where catalog[name] != nil {
            let wire = WireName.of(name)
            guard byWireName[wire] == nil else { continue }
            byWireName[wire] = name
            names.append(name)
        }
        self.names = names
        self.byWireName = byWireName
    }

    /// What a model request carries, with names as models can write them.
    public var offers: [ToolOffer] { names.compactMap { catalog.entry($0)?.offer } }

    public var definitions: [ToolDefinition] { names.compactMap { catalog.entry($0)?.definition } }

    /// The project's name for what a model called, by either spelling; nil when the agent has no such tool.
    public func projectName(of called: String) -> String? {
        if let name = byWireName[called] { return name }
        return names.contains(called) ? called : nil
    }

    public func tool(_ called: String) -> (any Tool)? { entry(called)?.tool }

    func entry(_ called: String) -> ToolCatalog.Entry? { projectName(of: called).flatMap { catalog.entry($0) } }

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

    /// The section of an agent's instructions that says which functions exist, made from the registry (S3.31).
    public var availableFunctions: String {
        let definitions = definitions
        guard !definitions.isEmpty else { return "You have no functions to call." }
        let lines = definitions.map { "- \(WireName.of($0.name))(\(FunctionSignature.parameters(of: $0.parameters))): \($0.description)" }
        return "You can call exactly these functions; no others exist.\n" + lines.joined(separator: "\n")
    }
}

/// A JSON Schema as a line of parameters: `status: "ACTIVE" | "PAUSED", limit?: integer`.
enum FunctionSignature {
    static func parameters(of schema: JSON) -> String {
        guard let properties = schema["properties"]?.object else { return "" }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        return properties.map { "\($0.key)\(required.contains($0.key) ? "" : "?"): \(type(of: $0.value))" }.joined(separator: ", ")
    }

    private static func type(of schema: JSON) -> String {
        if let values = schema["enum"]?.array, !values.isEmpty, values.count <= 12 { return values.map(\.text).joined(separator: " | ") }
        if let constant = schema["const"] { return constant.text }
        if let types = schema["type"]?.array { return types.compactMap(\.string).joined(separator: " | ") }
        guard let name = schema["type"]?.string else { return "any" }
        guard name == "array", let items = schema["items"] else { return name }
        return "array of \(type(of: items))"
    }
}
