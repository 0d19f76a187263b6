public import BatutaCore

/// A tool of a server of the Model Context Protocol, as the project's agents call it.
public struct MCPTool: CachingTool {
    public let definition: ToolDefinition
    private let remote: MCPToolDescription
    private let client: MCPClient
    private let cache: HTTPToolDefinition.Cache?
    private let invalidates: [String]
    private let mask: @Sendable (ToolAttempt) -> ToolAttempt
    /// Why it may not be called now, although an agent was offered it; nil when it may.
    private let held: @Sendable () -> String?
    private let headers: [(path: [String], header: String)]

    /// Bytes of a result.
    static let longestResult = 8 << 20

    init(
        _ remote: MCPToolDescription,
        of server: MCPServerDefinition,
        client: MCPClient,
        secrets: any ToolSecretSource,
        held: @escaping @Sendable () -> String? = { nil }
    ) {
        self.remote = remote
        self.client = client
        self.held = held
        definition = server.definition(of: remote)
        let rules = server.rules.filter { Glob.matches($0.pattern, remote.name) }
        cache = rules.compactMap(\.cache).last
        invalidates = rules.flatMap(\.invalidates)
        mask = { secrets.mask($0) }
        headers = remote.headerArguments
    }

    private var isRead: Bool { definition.effect == .read }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = WireName.of(definition.name)
        if let held = held() { return .refused("\(name) was not called: \(held)", .held) }
        do throws(MCPFailure) {
            let result = try await client.call(remote.name, call.arguments, meta: meta(call), headers: headerValues(call.arguments))
            return mask(MCPResult.attempt(result, name, longest: Self.longestResult, isRead: isRead))
        } catch {
            return mask(error.attempt(name, isRead: isRead))
        }
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

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? {
        guard let cache, isRead else { return nil }
        let partition = cache.scope == .user ? ToolCachePlan.partition(ofUserIn: call.context) : "project"
        return ToolCachePlan(ttl: cache.ttl, partition: partition, tags: cache.tags, revision: remote.hashValue)
    }

    public func staleTags(after call: ToolCall) -> [String] { invalidates }
}
