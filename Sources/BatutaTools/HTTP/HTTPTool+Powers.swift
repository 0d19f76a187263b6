public import BatutaCore

extension HTTPTool {
    public func problems(with arguments: JSON, context: ToolContext) -> [String] { clauses.problems(with: arguments, context: context) }

    public var settlement: ToolSettlement? { clauses.settlement }

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? { clauses.cachePlan(for: call, effect: definition.effect) }

    public func staleTags(after call: ToolCall) -> [String] { clauses.staleTags(after: call) }
}
