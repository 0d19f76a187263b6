public import BatutaCore

extension HTTPTool {
    /// A condition on an optional parameter that was not given does not apply; one that cannot be evaluated for another reason does not hold.
    public func problems(with arguments: JSON, context: ToolContext) -> [String] {
        let scope = HTTPToolScope.scope(of: arguments, context: context, now: services.clock.now())
        return templates.checks.compactMap { Self.holds($0.condition, arguments, scope) ? nil : $0.message }
    }

    private static func holds(_ condition: Expression, _ arguments: JSON, _ scope: ExpressionScope) -> Bool {
        do {
            return try condition.condition(in: scope)
        } catch {
            let asked = condition.paths.filter { $0.root == "params" && !$0.isTested }.compactMap(\.member)
            return error.code == .noSuchKey && asked.contains { arguments[$0] == nil }
        }
    }

    public var settlement: ToolSettlement? {
        guard let settlement = source.settlement, let arguments = templates.settleArguments, let done = templates.settleDone else {
            return nil
        }
        let clock = services.clock
        return ToolSettlement(
            tool: settlement.tool,
            within: settlement.within,
            arguments: { try arguments.render(in: HTTPToolScope.scope(of: $0, now: clock.now()), dropAbsent: true) },
            isDone: { data, call in
                var scope = HTTPToolScope.scope(of: call, now: clock.now())
                scope["result"] = data
                return try done.condition(in: scope)
            }
        )
    }

    /// nil also when a tag cannot be made: a result that no write could find is not kept.
    public func cachePlan(for call: ToolCall) -> ToolCachePlan? {
        guard let cache = source.cache, definition.effect == .read, let tags = tags(templates.cacheTags, call) else { return nil }
        let partition = cache.scope == .user ? ToolCachePlan.partition(ofUserIn: call.context) : "project"
        return ToolCachePlan(ttl: cache.ttl, partition: partition, tags: tags, revision: source.request.hashValue)
    }

    public func staleTags(after call: ToolCall) -> [String] {
        templates.staleTags.compactMap { try? $0.render(in: HTTPToolScope.scope(of: call, now: services.clock.now())) }
    }

    private func tags(_ templates: [TextTemplate], _ call: ToolCall) -> [String]? {
        let scope = HTTPToolScope.scope(of: call, now: services.clock.now())
        return try? templates.map { try $0.render(in: scope) }
    }
}
