public import BatutaCore

/// `remember`: keeps a fact about the user whose run it is.
public struct RememberTool: InnerTool {
    public static let definition = ToolDefinition(
        name: "remember",
        description: """
            Keeps one lasting fact about the user for later conversations: a wish, a name, a decision, a habit. One sentence that can be understood \
            by itself. Give `about` (for example "monthly budget") when there can be only one such fact: it replaces what was known about that.
            """,
        parameters: [
            "type": "object",
            "properties": [
                "fact": [
                    "type": "string", "minLength": 1, "maxLength": .int(Int64(Fact.longest)), "description": "The fact, in one sentence",
                ],
                "about": [
                    "type": "string", "minLength": 1, "maxLength": .int(Int64(Fact.longestName)),
                    "description": "What it is about, in a few words; a later fact about the same replaces this one",
                ],
            ],
            "required": ["fact"],
            "additionalProperties": false,
        ],
        effect: .write,
        idempotent: true,
        retry: RetryPolicy(attempts: 1, timeout: .seconds(5))
    )

    public var definition: ToolDefinition { Self.definition }

    private let facts: FactStore
    private let namespaces: MemoryNamespaces

    public init(facts: FactStore, namespaces: MemoryNamespaces) {
        self.facts = facts
        self.namespaces = namespaces
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let new = NewFact(
            call.arguments["fact"]?.string ?? "",
            about: call.arguments["about"]?.string,
            namespace: namespaces[call.context.agent],
            agent: call.context.agent,
            runID: call.context.runID
        )
        do {
            let (fact, outcome) = try await facts.remember(new, of: call.context.owner)
            var data: JSONObject = ["id": .string(fact.id.rawValue), "status": .string(outcome.word)]
            if case .replaced(let old) = outcome { data["replaced"] = .string(old) }
            return ToolAttempt(.success(.object(data)))
        } catch {
            return ToolAttempt.failed(error)
        }
    }
}

extension ToolContext {
    /// Who owns the run.
    var owner: String { user["id"]?.string ?? "" }
}

extension ToolAttempt {
    /// What was refused is told in its own words; that the store failed is no business of a model.
    static func failed(_ error: any Error) -> ToolAttempt {
        if let error = error as? MemoryError {
            return ToolAttempt(.failure(error.message.english, code: error.code.rawValue), failure: .rejected)
        }
        return ToolAttempt(.failure("The memory cannot be reached now.", code: "storage_unavailable"), failure: .notSent)
    }
}
