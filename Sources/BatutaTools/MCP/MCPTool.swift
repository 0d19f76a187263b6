public import BatutaCore

/// A tool of a server of the Model Context Protocol, as the project's agents call it.
public struct MCPTool: SettlingTool, ArgumentChecking, CachingTool {
    public let definition: ToolDefinition
    private let remote: MCPToolDescription
    private let client: MCPClient
    private let clauses: ToolClauses
    private let mask: @Sendable (ToolAttempt) -> ToolAttempt
    /// Why it may not be called now, although an agent was offered it; nil when it may.
    private let obstacle: @Sendable () -> Obstacle?
    private let headers: [(path: [String], header: String)]
    /// What structured results promise.
    private let output: JSONSchema?

    struct Obstacle: Sendable {
        var words: String
        var code: ToolCode
    }

    /// Bytes of a result.
    static let longestResult = 8 << 20

    /// - Throws: for an expression that does not read; the project's loader has found it before.
    init(
        _ remote: MCPToolDescription,
        of server: MCPServerDefinition,
        client: MCPClient,
        secrets: any ToolSecretSource,
        clock: any ProjectClock,
        obstacle: @escaping @Sendable () -> Obstacle? = { nil }
    ) throws(ExpressionError) {
        self.remote = remote
        self.client = client
        self.obstacle = obstacle
        definition = server.definition(of: remote)
        var hasher = Hasher()
        hasher.combine(remote)
        hasher.combine(server.target)
        clauses = try ToolClauses(server.clauses(of: remote.name), clock: clock, revision: hasher.finalize())
        mask = { secrets.mask($0) }
        headers = remote.headerArguments
        output = remote.outputSchema
    }

    private var isRead: Bool { definition.effect == .read }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = WireName.of(definition.name)
        if let refused = refusal(name) { return refused }
        do throws(MCPFailure) {
            let result = try await client.call(remote.name, call.arguments, meta: meta(call), headers: headerValues(call.arguments))
            return mask(misfit(result) ?? MCPResult.attempt(result, name, longest: Self.longestResult, isRead: isRead))
        } catch {
            // Its server went while the call was about to leave.
            if case .notSent = error, let refused = refusal(name) { return refused }
            return mask(error.attempt(name, isRead: isRead))
        }
    }

    /// No other attempt would fare better.
    private func refusal(_ name: String) -> ToolAttempt? {
        obstacle().map { .refused("\(name) was not called: \($0.words)", $0.code) }
    }

    /// A structured result that is not what the server promises; nil for every other.
    private func misfit(_ result: JSON) -> ToolAttempt? {
        guard let output, result["isError"]?.bool != true, let structured = result["structuredContent"], !structured.isNull else {
            return nil
        }
        let violations = output.violations(of: structured)
        guard !violations.isEmpty else { return nil }
        let list = ToolFailureWords.list(violations.map { "\($0)" })
        let done = isRead ? "" : "\nThe call was made all the same: do not repeat it because of this."
        return .refused(
            "\(WireName.of(definition.name)) answered, but not what it promises (outputSchema):\(list)\(done)",
            .badAnswer
        )
    }

    /// Servers that know the key can tell a repeated call from a second one.
    private func meta(_ call: ToolCall) -> JSONObject {
        definition.effect == .read ? [:] : ["batuta/idempotency_key": .string(call.idempotencyKey)]
    }

    private func headerValues(_ arguments: JSON) -> [(name: String, value: String)] {
        headers.compactMap { path, header in
            let value = path.reduce(Optional(arguments)) { $0?[$1] }
            return switch value {
            case .string(let text): ("Mcp-Param-\(header)", text)
            case .bool(let flag): ("Mcp-Param-\(header)", String(flag))
            case .number(let number): ("Mcp-Param-\(header)", number.literal)
            default: nil
            }
        }
    }
}

extension MCPTool {
    public func problems(with arguments: JSON, context: ToolContext) -> [String] { clauses.problems(with: arguments, context: context) }

    public var settlement: ToolSettlement? { clauses.settlement }

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? { clauses.cachePlan(for: call, effect: definition.effect) }

    public func staleTags(after call: ToolCall) -> [String] { clauses.staleTags(after: call) }
}
