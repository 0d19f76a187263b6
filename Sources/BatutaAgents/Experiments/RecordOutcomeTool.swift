public import BatutaCore

/// `record_outcome`: keeps a number by which runs, and the variants of their prompts, are compared.
public struct RecordOutcomeTool: InnerTool {
    public static let definition = ToolDefinition(
        name: "record_outcome",
        description: """
            Records a number that says how well this run did (for example "clicks" or "minutes_saved"), by which variants of prompts are compared. \
            Recording the same name again replaces the number.
            """,
        parameters: [
            "type": "object",
            "properties": [
                "name": ["type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]{0,63}$", "description": "What the number is"],
                "value": ["type": "number", "description": "The number"],
            ],
            "required": ["name", "value"],
            "additionalProperties": false,
        ],
        effect: .write,
        idempotent: true,
        retry: RetryPolicy(attempts: 1, timeout: .seconds(5))
    )

    public var definition: ToolDefinition { Self.definition }

    private let experiments: ExperimentStore

    public init(experiments: ExperimentStore) { self.experiments = experiments }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = call.arguments["name"]?.string ?? ""
        guard let value = call.arguments["value"]?.double, value.isFinite else {
            return ToolAttempt(.failure("The value is no number that can be kept.", code: "invalid_arguments"), failure: .rejected)
        }
        do {
            try await experiments.record(name, value, of: call.context.runID)
            return ToolAttempt(.success(["recorded": true]))
        } catch {
            return ToolAttempt(.failure("The number could not be kept now.", code: "storage_unavailable"), failure: .notSent)
        }
    }
}
