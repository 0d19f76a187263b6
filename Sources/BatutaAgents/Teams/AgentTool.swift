public import BatutaCore

/// A tool of the project that an agent, or a team, answers.
public struct AgentToolDefinition: Sendable {
    public var definition: ToolDefinition
    /// `agent:NAME` or `team:NAME`.
    public var target: String
}

/// An agent, or a team, as a tool of another: `agent: reviewer` in a tool's file.
public struct AgentTool: DelegatingTool {
    public let definition: ToolDefinition
    private let target: String

    public init(_ tool: AgentToolDefinition) { self.init(tool.definition, target: tool.target) }

    public init(_ definition: ToolDefinition, target: String) {
        self.definition = definition
        self.target = target
    }

    /// What is asked when the file says nothing of parameters.
    public static let parameters: JSON = [
        "type": "object",
        "properties": ["input": ["type": "string", "minLength": 1, "description": "Everything that the agent must know."]],
        "required": ["input"], "additionalProperties": false,
    ]

    /// Own parameters beside `input`, or in its place, are told as they are.
    public func delegation(for arguments: JSON) -> Delegation {
        let members = arguments.object ?? [:]
        if members.count == 1, let input = members["input"]?.string { return Delegation(target: target, task: input) }
        return Delegation(target: target, task: arguments.text)
    }
}
