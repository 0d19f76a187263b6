/// Work that a call hands to another agent or team.
public struct Delegation: Sendable, Hashable {
    /// `agent:NAME` or `team:NAME`.
    public var target: String
    public var task: String
    /// The files that came with the message go with it.
    public var passesFiles: Bool

    public init(target: String, task: String, passesFiles: Bool = false) {
        self.target = target
        self.task = task
        self.passesFiles = passesFiles
    }
}

/// A tool whose calls another run answers. Its attempts are never made: the engine drives that run.
public protocol DelegatingTool: Tool {
    /// What a call with these arguments, which are valid, hands on.
    func delegation(for arguments: JSON) -> Delegation
}

extension DelegatingTool {
    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        ToolAttempt(.failure("\(call.tool) can only be called by an agent's run.", code: "not_delegated"), failure: .rejected)
    }
}
