public import BatutaCore

/// An optional power of a tool: results that may be kept for a while, and writes that make such results stale (`cache`, `invalidates`).
public protocol CachingTool: Tool {
    /// nil: the result of this call is not kept.
    func cachePlan(for call: ToolCall) -> ToolCachePlan?

    /// The tags whose kept results this call makes stale.
    func staleTags(after call: ToolCall) -> [String]
}

/// How a result is kept.
public struct ToolCachePlan: Sendable, Hashable {
    public var ttl: Duration
    /// Who shares the result: results never cross it.
    public var partition: String
    /// Readable names by which writes find the result.
    public var tags: [String]
    /// Differs when the tool's own description does, so that a changed tool never answers with results of the old one.
    public var revision: Int

    public init(ttl: Duration, partition: String, tags: [String] = [], revision: Int = 0) {
        self.ttl = ttl
        self.partition = partition
        self.tags = tags
        self.revision = revision
    }

    /// The partition of a call's user; a caller that nobody knows shares with nobody but its own session.
    public static func partition(ofUserIn context: ToolContext) -> String {
        context.user["id"]?.string.map(partition(ofUser:)) ?? "session:\(context.sessionID.rawValue)"
    }

    static func partition(ofUser id: String) -> String { "user:\(id)" }
}
