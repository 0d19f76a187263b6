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

    /// - Parameter isIdempotent: The call sets a state, so it does not matter since when that is set.
    mutating func settlement(_ entry: SettleEntry?, isIdempotent: Bool) -> HTTPToolDefinition.Settlement? {
        guard let entry, let tool = entry.tool, let done = entry.done else { return nil }
        let before = paths.count, known = problems.problems.count
        value(entry.arguments, allowing: Self.settlementNames, for: .tool)
        condition(done, allowing: Self.settlementNames.union(["result"]), for: .tool)
        let reads = problems.problems.count == known
        if reads, !isIdempotent, !paths[before...].contains(where: { $0.root == "call" }) {
            problems.warning(done.line, Self.findsOlder, hint: Self.tellsApart)
        }
        return HTTPToolDefinition.Settlement(
            tool: tool.value,
            arguments: entry.arguments?.json.object ?? [:],
            within: entry.within,
            done: done.value
        )
    }

    private static let findsOlder = Words(
        "`settle` never looks at `call`: what was there before the call counts as done",
        "`settle` nunca olha para `call`: o que já existia antes da chamada conta como feito"
    )
    private static let tellsApart = Words(
        "add to `done` something like `&& timestamp(result.created_at) >= call.started_at`, or look for `call.idempotency_key`; a call that only sets "
            + "a state is `idempotent: true`",
        "acrescente a `done` algo como `&& timestamp(result.created_at) >= call.started_at`, ou procure por `call.idempotency_key`; uma chamada "
            + "que só põe um estado é `idempotent: true`"
    )
}
