import BatutaCore

/// What a project says of a tool's calls beside what a call does, whatever kind the tool is of: `check`, `settle`, `cache`, `invalidates`.
extension TemplateChecks {
    static let callNames: Set<String> = ["params", "user", "profile", "run", "now"]
    static let settlementNames = callNames.union(["call"])

    mutating func conditions(_ entries: [CheckEntry]) -> [HTTPToolDefinition.Check] {
        for entry in entries {
            if let condition = entry.condition { self.condition(condition, allowing: Self.callNames, for: .tool) }
        }
        return entries.map { HTTPToolDefinition.Check(condition: $0.condition?.value ?? "", message: $0.message) }
    }

    /// - Parameter effect: nil when it is not known.
    mutating func cache(_ cache: Located<HTTPToolDefinition.Cache>?, effect: ToolEffect?) {
        guard let cache else { return }
        if let effect, effect != .read {
            let message = Words(
                "only tools of effect `read` have a cache, this one is `\(effect.rawValue)`",
                "só ferramentas de efeito `read` têm cache, e esta é `\(effect.rawValue)`"
            )
            problems.error(cache.line, message)
        }
        read(cache.value.tags.map { Located(value: $0, line: cache.line) })
        cacheTags.keep(cache.value.tags)
    }

    /// `invalidates`.
    mutating func staleTags(_ tags: [Located<String>]) {
        read(tags)
        cacheTags.makeStale(tags, path: problems.path)
    }

    private mutating func read(_ tags: [Located<String>]) {
        for tag in tags { text(tag, allowing: Self.settlementNames, for: .tool) }
    }

    mutating func settlement(_ entry: SettleEntry?) -> HTTPToolDefinition.Settlement? {
        guard let entry, let tool = entry.tool, let done = entry.done else { return nil }
        value(entry.arguments, allowing: Self.settlementNames, for: .tool)
        condition(done, allowing: Self.settlementNames.union(["result"]), for: .tool)
        return HTTPToolDefinition.Settlement(
            tool: tool.value,
            arguments: entry.arguments?.json.object ?? [:],
            within: entry.within,
            done: done.value
        )
    }
}
