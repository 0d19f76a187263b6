import BatutaCore
import BatutaTools

extension [ModelTurn] {
    /// The same with tools named as models see them (PROJECT.md, Names on the wire).
    ///
    /// The log names a tool as the project does (`mcp:docs/add`), and what a model invented as it wrote it. Providers refuse a whole
    /// conversation for one such name.
    var withWireNames: [ModelTurn] {
        guard let first = firstIndex(where: \.hasForeignNames) else { return self }
        var turns = self
        for index in first..<count { turns[index] = turns[index].withWireNames }
        return turns
    }
}

extension ModelTurn {
    fileprivate var hasForeignNames: Bool {
        switch self {
        case .user, .shown: false
        case .assistant(_, let calls): calls.contains { !WireName.isWire($0.tool) }
        case .tool(_, let tool, _): !WireName.isWire(tool)
        }
    }

    fileprivate var withWireNames: ModelTurn {
        switch self {
        case .user, .shown: return self
        case .assistant(let text, let calls):
            let named = calls.map { ModelToolCall(id: $0.id, tool: WireName.of($0.tool), arguments: $0.arguments) }
            return .assistant(text: text, calls: named)
        case .tool(let id, let tool, let envelope): return .tool(callID: id, tool: WireName.of(tool), envelope: envelope)
        }
    }
}
