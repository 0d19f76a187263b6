public import BatutaCore
public import BatutaTools

/// A tool of the project that an agent, or a team, answers.
public struct AgentToolDefinition: Sendable {
    public var definition: ToolDefinition
    /// `agent:NAME` or `team:NAME`.
    public var target: String
    /// Conditions on the arguments beyond the schema, in the order of the file.
    public var checks: [HTTPToolDefinition.Check]

    public init(definition: ToolDefinition, target: String, checks: [HTTPToolDefinition.Check] = []) {
        self.definition = definition
        self.target = target
        self.checks = checks
    }
}

/// An agent, or a team, as a tool of another: `agent: reviewer` in a tool's file.
public struct AgentTool: DelegatingTool, ArgumentChecking {
    public let definition: ToolDefinition
    private let target: String
    private let clauses: ToolClauses

    /// - Throws: for an expression that does not read; the project's loader has found it before.
    public init(_ tool: AgentToolDefinition, clock: any ProjectClock) throws(ExpressionError) {
        definition = tool.definition
        target = tool.target
        clauses = try ToolClauses(ToolClauses.Source(checks: tool.checks), clock: clock)
    }

    public func problems(with arguments: JSON, context: ToolContext) -> [String] { clauses.problems(with: arguments, context: context) }

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
