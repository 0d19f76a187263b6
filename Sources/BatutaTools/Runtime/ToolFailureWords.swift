import BatutaCore

/// The final results of a call, in words that a model can act on.
struct ToolFailureWords {
    let definition: ToolDefinition
    let attempts: Int

    private var name: String { WireName.of(definition.name) }
    private var tries: String { attempts > 1 ? " (\(attempts) attempts)" : "" }

    /// The last attempt's own result; a failure says how often it was tried.
    func final(_ last: ToolAttempt?) -> ToolResult {
        guard var result = last?.result else {
            return .failure("\(name) was not called.", code: ToolCode.misconfigured.rawValue)
        }
        guard let failure = last?.failure else { return result }
        result.success = false
        result.code = result.code ?? Self.code(of: failure).rawValue
        result.error = (result.error ?? "\(name) failed") + tries
        return result
    }

    func uncertain(_ last: ToolAttempt?) -> ToolResult {
        let why = last?.result.error ?? "the call was interrupted"
        var result = ToolResult.failure(
            "\(name) may or may not have taken effect: \(why). Do not simply repeat it; find out first whether it happened.",
            code: ToolCode.uncertainEffect.rawValue,
            statusCode: last?.result.statusCode,
            uncertain: true
        )
        result.data = last?.result.data
        return result
    }

    func cancelled(uncertain: Bool) -> ToolResult {
        let effect = uncertain ? "It may or may not have taken effect." : "No further attempt is made."
        return .failure("\(name) was stopped by the caller. \(effect)", code: ToolCode.cancelled.rawValue, uncertain: uncertain)
    }

    /// The answer does not fit `result_schema`.
    func misfit(_ violations: [String], statusCode: Int?) -> ToolResult {
        .failure(
            "\(name) answered, but not what it promises (result_schema):\(Self.list(violations))",
            code: ToolCode.badAnswer.rawValue,
            statusCode: statusCode
        )
    }

    /// The first few, each on a line of its own.
    static func list(_ violations: [String]) -> String {
        let list = violations.prefix(5).map { "\n- \($0)" }.joined()
        return list + (violations.count > 5 ? "\n- and \(violations.count - 5) more" : "")
    }

    /// Its answer was lost, but the settling tool shows the effect.
    func settled(_ data: JSON?, by tool: any Tool) -> ToolResult {
        var object: JSONObject = ["settled": true]
        object["checked_with"] = (tool as? any SettlingTool)?.settlement.map { .string($0.tool) }
        object["result"] = data
        return .success(.object(object))
    }

    private static func code(of failure: ToolAttempt.Failure) -> ToolCode {
        switch failure {
        case .notSent: .unreachable
        case .rateLimited: .rateLimited
        case .timeout: .timeout
        case .serverError: .serverError
        case .rejected: .rejected
        case .cancelled: .cancelled
        }
    }
}
