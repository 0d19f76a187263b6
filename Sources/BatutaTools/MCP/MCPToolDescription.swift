public import BatutaCore

/// A tool as its server describes it.
public struct MCPToolDescription: Sendable, Hashable {
    public var name: String
    /// Everything of it that a model is told or that decides about its calls.
    public let json: JSON
    /// Why no model may be offered it: its provider would refuse every request that offers it, or nobody could check a call. nil: it may.
    public let flaw: Words?

    private static let told = ["title", "description", "inputSchema", "annotations"]

    /// nil for something that cannot be called: without a name.
    init?(_ listed: JSON) {
        guard let name = listed["name"]?.string, !name.isEmpty, name.utf8.count <= 128 else { return nil }
        self.name = name
        var kept: JSONObject = ["name": .string(name)]
        for key in Self.told + ["outputSchema"] {
            if let value = listed[key], !value.isNull { kept[key] = value }
        }
        json = .object(kept)
        flaw = Self.flaw(of: kept["inputSchema"])
    }

    private static func flaw(of schema: JSON?) -> Words? {
        guard let schema else { return nil }
        let opening = Words("its inputSchema cannot be used: ", "o inputSchema dela não serve: ")
        do {
            guard schema.object != nil else { return opening + Words("it is no object", "não é um objeto") }
            let type: JSON = schema["type"] ?? "object"
            guard type == "object" else {
                return opening + Words("its type is \(type.text), not \"object\"", "o tipo é \(type.text), e não \"object\"")
            }
            _ = try JSONSchema(schema)
            return nil
        } catch {
            return opening + error.message
        }
    }

    /// Whether a model is told the same and calls mean the same; what a result looks like is the server's to change.
    func tellsSame(as other: MCPToolDescription) -> Bool {
        name == other.name && Self.told.allSatisfy { json[$0] == other.json[$0] }
    }

    /// What structured results promise; nil without any promise, or with one that is no schema.
    var outputSchema: JSONSchema? { json["outputSchema"].flatMap { try? JSONSchema($0) } }

    /// Reads what was stored.
    public init?(stored bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes) else { return nil }
        self.init(json)
    }

    public var canonicalBytes: [UInt8] { json.canonicalBytes }

    public var description: String { json["description"]?.string ?? json["title"]?.string ?? json["annotations"]?["title"]?.string ?? "" }

    /// JSON Schema of the arguments; always one of an object.
    public var parameters: JSON {
        guard case .object(var schema) = json["inputSchema"] else { return ["type": "object", "properties": [:]] }
        if schema["type"] == nil { schema["type"] = "object" }
        return .object(schema)
    }

    func hint(_ name: String) -> Bool? { json["annotations"]?[name]?.bool }

    /// Arguments that the server wants as headers too: path within the arguments, and name of the header.
    var headerArguments: [(path: [String], header: String)] { Self.headers(in: parameters, [], depth: 0) }

    private static func headers(in schema: JSON, _ path: [String], depth: Int) -> [([String], String)] {
        guard depth < 8, let properties = schema["properties"]?.object else { return [] }
        return properties.flatMap { key, value -> [([String], String)] in
            let own = value["x-mcp-header"]?.string.map { [(path + [key], $0)] } ?? []
            return own + headers(in: value, path + [key], depth: depth + 1)
        }
    }
}

extension MCPServerDefinition {
    /// The project's own definition of one of its tools: effect `write` and not idempotent unless the project's rules say otherwise. The
    /// server's hints may raise that, and lower it only where they are trusted.
    public func definition(of tool: MCPToolDescription) -> ToolDefinition {
        let rules = rules.filter { Glob.matches($0.pattern, tool.name) }
        let effect = rules.compactMap(\.effect).last ?? hintedEffect(of: tool)
        var retry = rules.compactMap(\.retry).last ?? .default
        retry.timeout = rules.compactMap(\.timeout).last ?? retry.timeout
        let trusted = trustsHints ? tool.hint("idempotentHint") : nil
        return ToolDefinition(
            name: "mcp:\(name)/\(tool.name)",
            description: tool.description,
            parameters: tool.parameters,
            effect: effect,
            idempotent: rules.compactMap(\.idempotent).last ?? trusted,
            retry: retry,
            repeatsAllowed: rules.contains(where: \.repeatsAllowed),
            settles: rules.contains { $0.settlement != nil }
        )
    }

    private func hintedEffect(of tool: MCPToolDescription) -> ToolEffect {
        if tool.hint("destructiveHint") == true { return .critical }
        return trustsHints && tool.hint("readOnlyHint") == true ? .read : .write
    }
}

/// Names with `*` for any characters.
public enum Glob {
    public static func matches(_ glob: String, _ name: String) -> Bool {
        let pieces = glob.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return glob == name }
        guard name.hasPrefix(first), name.hasSuffix(last), name.utf8.count >= first.utf8.count + last.utf8.count else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
