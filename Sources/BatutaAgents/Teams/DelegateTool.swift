public import BatutaCore

/// How a leader hands work to a member of its team (PROJECT.md, Names on the wire).
public struct DelegateTool: DelegatingTool {
    public let definition: ToolDefinition
    private let targets: [String: String]
    private let passesFiles: Bool

    public struct Member: Sendable {
        public var name: String
        public var target: String
        public var description: String

        public init(name: String, target: String, description: String) {
            self.name = name
            self.target = target
            self.description = description
        }
    }

    /// - Parameter picksOne: The member answers in the team's name, so it gets what came with the message.
    public init(_ members: [Member], picksOne: Bool) {
        targets = Dictionary(members.map { ($0.name, $0.target) }) { first, _ in first }
        passesFiles = picksOne
        let list = members.map { "- \($0.name): \($0.description.isEmpty ? "a member of the team" : $0.description)" }
        let opening =
            picksOne
            ? "Picks the one member of the team who answers. Call it once; that member's answer is the team's."
            : "Hands a task to a member of the team and gives its answer. Several calls in one answer are done at once."
        definition = ToolDefinition(
            name: TeamPlan.delegateTool,
            description: opening + " A member sees nothing but the task: say in it everything that is needed. Members:\n"
                + list.joined(separator: "\n"),
            parameters: [
                "type": "object",
                "properties": [
                    "member": ["type": "string", "enum": .array(members.map { .string($0.name) })],
                    "task": ["type": "string", "minLength": 1],
                ],
                "required": ["member", "task"], "additionalProperties": false,
            ],
            effect: .read,
            repeatsAllowed: false
        )
    }

    public func delegation(for arguments: JSON) -> Delegation {
        let member = arguments["member"]?.string ?? ""
        return Delegation(target: targets[member] ?? member, task: arguments["task"]?.string ?? "", passesFiles: passesFiles)
    }
}
