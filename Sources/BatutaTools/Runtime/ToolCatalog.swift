public import BatutaCore

/// Every tool of one project snapshot, with its argument schema compiled once.
///
/// What a single agent may call of it is a `ToolRegistry`.
public struct ToolCatalog: Sendable {
    /// Names in the order in which the tools were given.
    public let names: [String]
    /// What the pure core must know of each tool, by the project's name.
    public let facts: [String: ToolDefinition]
    private let entries: [String: Entry]

    /// Made once per project and shared by every registry and call.
    final class Entry: Sendable {
        let tool: any Tool
        let definition: ToolDefinition
        let arguments: ArgumentRules
        let offer: ToolOffer
        /// The tool's further powers, asked for once: asking costs more than most calls.
        let checking: (any ArgumentChecking)?
        let caching: (any CachingTool)?
        let delegating: (any DelegatingTool)?
        let isSelfTimed: Bool
        let isInner: Bool
        /// What a read promises; nil also where that is no schema, which the project's loader has told.
        let resultSchema: JSONSchema?

        init(_ tool: any Tool) {
            self.tool = tool
            definition = tool.definition
            var offer = ToolOffer(definition)
            offer.name = WireName.of(definition.name)
            self.offer = offer
            arguments = ArgumentRules(of: definition)
            checking = tool as? any ArgumentChecking
            caching = tool as? any CachingTool
            delegating = tool as? any DelegatingTool
            isSelfTimed = tool is any SelfTimedTool
            isInner = tool is any InnerTool
            resultSchema = definition.resultSchema.flatMap { try? JSONSchema($0) }
        }
    }

    /// A later tool replaces an earlier one of the same name.
    public init(_ tools: [any Tool]) {
        var names: [String] = []
        var entries: [String: Entry] = [:]
        for tool in tools {
            let definition = tool.definition
            if entries[definition.name] == nil { names.append(definition.name) }
            entries[definition.name] = Entry(tool)
        }
        self.names = names
        self.entries = entries
        facts = entries.mapValues(\.definition)
    }

    public subscript(name: String) -> (any Tool)? { entries[name]?.tool }

    /// The registry of an agent that names these tools; names that the catalogue lacks are left out.
    public func registry(offering names: [String]) -> ToolRegistry { ToolRegistry(catalog: self, offering: expanded(names)) }

    /// The names with the tools of servers in place of patterns (`mcp:docs/*`). Which tools a server has is known only when it was asked.
    func expanded(_ wanted: [String]) -> [String] {
        wanted.flatMap { name in name.hasPrefix("mcp:") && name.contains("*") ? names.filter { Glob.matches(name, $0) } : [name] }
    }

    /// A registry of everything: for the facts of policies and for settling.
    public var everything: ToolRegistry { ToolRegistry(catalog: self, offering: names) }

    func entry(_ name: String) -> Entry? { entries[name] }
}

/// A tool's name as models see it: letters, digits, `_` and `-`, at most 64 of them, of which the first is a letter or `_` as Google wants it
/// (PROJECT.md, Names on the wire).
public enum WireName {
    /// `mcp:docs/add` becomes `docs__add`.
    public static func of(_ name: String) -> String {
        if isWire(name) { return name }
        let bare = name.hasPrefix("mcp:") ? name.dropFirst(4) : name[...]
        var wire = mayBegin(bare.unicodeScalars.first) ? "" : "_"
        for scalar in bare.unicodeScalars {
            if scalar == "/" {
                wire += "__"
            } else if isAllowed(scalar) {
                wire.unicodeScalars.append(scalar)
            } else {
                wire += "_"
            }
        }
        return wire == "_" ? nameless : String(wire.prefix(longest))
    }

    /// Whether models see the name as it is.
    public static func isWire(_ name: String) -> Bool {
        mayBegin(name.unicodeScalars.first) && name.utf8.count <= longest && name.unicodeScalars.allSatisfy(isAllowed)
    }

    /// What a call without a name is called afterwards.
    private static let nameless = "unknown"
    private static let longest = 64

    private static func mayBegin(_ scalar: Unicode.Scalar?) -> Bool {
        switch scalar {
        case .some("a"..."z"), .some("A"..."Z"), .some("_"): true
        default: false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}
