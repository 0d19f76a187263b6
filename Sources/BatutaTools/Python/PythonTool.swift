public import BatutaCore

/// A Python function of the project, as its agents call it.
public struct PythonTool: SettlingTool, ArgumentChecking, CachingTool {
    public let source: PythonToolDefinition
    private let client: MCPClient
    private let secrets: any ToolSecretSource
    private let clauses: ToolClauses

    public var definition: ToolDefinition { source.definition }

    /// - Parameter files: every Python file of the version, by its name within `tools/`.
    /// - Throws: for an expression that does not read; the project's loader has found it before.
    public init(
        _ source: PythonToolDefinition,
        files: [String: [UInt8]],
        processes: PythonProcesses,
        surroundings: PythonSurroundings,
        secrets: any ToolSecretSource,
        clock: any ProjectClock
    ) throws(ExpressionError) {
        self.source = source
        self.secrets = secrets
        client = processes.client(of: source.file, in: files, surroundings)
        let own = ToolClauses.Source(
            checks: source.checks,
            settlement: source.settlement,
            cache: source.cache,
            invalidates: source.invalidates
        )
        clauses = try ToolClauses(own, clock: clock, revision: files.hashValue)
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = WireName.of(definition.name)
        var accounts: JSONObject = [:]
        for account in source.connections {
            guard let found = await secrets.connection(account, context: call.context) else {
                return await refusal(for: account, name, call.context)
            }
            accounts[account] = found
        }
        let isRead = definition.effect == .read
        let meta: JSONObject = ["batuta/function": .string(source.function), "batuta/context": context(call, accounts)]
        do throws(MCPFailure) {
            let result = try await client.call(definition.name, call.arguments, meta: meta)
            return secrets.mask(MCPResult.attempt(result, name, longest: MCPTool.longestResult, isRead: isRead))
        } catch {
            return secrets.mask(error.attempt(name, isRead: isRead))
        }
    }

    private func refusal(for account: String, _ name: String, _ context: ToolContext) async -> ToolAttempt {
        let why = await secrets.connectionTrouble(account, context: context)
        var refused = ToolAttempt.refused("\(name) was not called: \(why).", .notConnected)
        refused.result.data = ["connection": .string(account)]
        return refused
    }

    /// What the function's `context` parameter holds. Whose results are everybody's is told of nobody.
    private func context(_ call: ToolCall, _ accounts: JSONObject) -> JSON {
        let isShared = source.cache?.scope == .project
        return [
            "call_id": .string(call.id.rawValue), "idempotency_key": .string(call.idempotencyKey), "attempt": .int(call.attempt),
            "run_id": .string(call.context.runID.rawValue), "session_id": .string(call.context.sessionID.rawValue),
            "agent": .string(call.context.agent), "user": isShared ? [:] : call.context.user,
            "profile": isShared ? [:] : call.context.profile, "language": .string(call.context.language),
            "is_rehearsal": .bool(call.context.isRehearsal), "connections": .object(accounts),
        ]
    }
}

extension PythonTool {
    public func problems(with arguments: JSON, context: ToolContext) -> [String] { clauses.problems(with: arguments, context: context) }

    public var settlement: ToolSettlement? { clauses.settlement }

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? { clauses.cachePlan(for: call, effect: definition.effect) }

    public func staleTags(after call: ToolCall) -> [String] { clauses.staleTags(after: call) }
}
