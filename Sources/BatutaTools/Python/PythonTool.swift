public import BatutaCore

/// A Python function of the project, as its agents call it.
public struct PythonTool: CachingTool {
    public let source: PythonToolDefinition
    private let client: MCPClient
    private let secrets: any ToolSecretSource
    private let revision: Int

    public var definition: ToolDefinition { source.definition }

    /// - Parameter files: every Python file of the version, by its name within `tools/`.
    public init(
        _ source: PythonToolDefinition,
        files: [String: [UInt8]],
        processes: PythonProcesses,
        surroundings: PythonSurroundings,
        secrets: any ToolSecretSource
    ) {
        self.source = source
        self.secrets = secrets
        client = processes.client(of: source.file, in: files, surroundings)
        revision = files.hashValue
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = WireName.of(definition.name)
        var accounts: JSONObject = [:]
        for account in source.connections {
            guard let found = await secrets.connection(account, context: call.context) else {
                return .refused(
                    "\(name) was not called: the account \(quoted(account)) is not connected; ask the user to connect it.",
                    .notConnected
                )
            }
            accounts[account] = found
        }
        let isRead = definition.effect == .read
        let meta: JSONObject = ["batuta/function": .string(source.function), "batuta/context": Self.context(call, accounts)]
        do throws(MCPFailure) {
            let result = try await client.call(definition.name, call.arguments, meta: meta)
            return secrets.mask(MCPResult.attempt(result, name, longest: MCPTool.longestResult, isRead: isRead))
        } catch {
            return secrets.mask(error.attempt(name, isRead: isRead))
        }
    }

    /// What the function's `context` parameter holds.
    private static func context(_ call: ToolCall, _ accounts: JSONObject) -> JSON {
        [
            "call_id": .string(call.id.rawValue), "idempotency_key": .string(call.idempotencyKey), "attempt": .int(call.attempt),
            "run_id": .string(call.context.runID.rawValue), "session_id": .string(call.context.sessionID.rawValue),
            "agent": .string(call.context.agent), "user": call.context.user, "profile": call.context.profile,
            "language": .string(call.context.language), "is_rehearsal": .bool(call.context.isRehearsal), "connections": .object(accounts),
        ]
    }

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? {
        guard let cache = source.cache, definition.effect == .read else { return nil }
        let partition = cache.scope == .user ? ToolCachePlan.partition(ofUserIn: call.context) : "project"
        return ToolCachePlan(ttl: cache.ttl, partition: partition, tags: cache.tags, revision: revision)
    }

    public func staleTags(after call: ToolCall) -> [String] { source.invalidates }
}
