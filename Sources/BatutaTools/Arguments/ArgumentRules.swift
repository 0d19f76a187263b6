public import BatutaCore

/// An optional power of a tool: conditions on the arguments beyond the schema (`check`).
public protocol ArgumentChecking: Tool {
    /// The words for each condition that does not hold; empty when all do.
    func problems(with arguments: JSON, context: ToolContext) -> [String]
}

/// What came of checking the arguments of a call.
public enum ArgumentValidation: Sendable, Hashable {
    /// `repairs` says what was read differently from how it was written, e.g. `/limit: "10" read as the number 10`.
    case accepted(JSON, repairs: [String])
    case refused(ToolResult)
}

/// The compiled rules of one tool.
struct ArgumentRules: Sendable {
    private enum Schema: Sendable {
        case compiled(JSONSchema)
        case broken(String)
    }

    private let name: String
    private let source: JSON
    private let schema: Schema

    init(of definition: ToolDefinition) {
        name = WireName.of(definition.name)
        source = definition.parameters
        do {
            schema = .compiled(try JSONSchema(definition.parameters))
        } catch {
            schema = .broken("\(error)")
        }
    }

    func validate(_ arguments: ModelToolCall.Arguments) -> ArgumentValidation {
        switch arguments {
        case .valid(let value): return validate(value)
        case .malformed(let text):
            if text.allSatisfy(\.isWhitespace) { return .refused(missing) }
            do { return validate(try JSON.parse(text)) } catch { return .refused(malformed(text, error)) }
        }
    }

    private func validate(_ written: JSON) -> ArgumentValidation {
        guard case .compiled(let schema) = schema else { return .refused(broken) }
        if case .object = written, schema.accepts(written) { return .accepted(written, repairs: []) }
        var repair = ArgumentRepair()
        let arguments = repair.read(written, as: source)
        guard case .object = arguments else { return .refused(refusal(["the arguments must be one JSON object, not \(written.typeName)"])) }
        let violations = schema.violations(of: arguments)
        guard violations.isEmpty else { return .refused(refusal(violations.map { "\($0)" })) }
        return .accepted(arguments, repairs: repair.repairs)
    }

    /// The same for whoever wrote them by hand.
    func problems(with written: JSON) -> [FieldProblem] {
        guard case .compiled(let schema) = schema else { return [] }
        var repair = ArgumentRepair()
        return schema.fieldProblems(of: repair.read(written, as: source))
    }

    func refusal(_ problems: [String]) -> ToolResult {
        let list = problems.prefix(20).map { "\n- \($0)" }.joined()
        let more = problems.count > 20 ? "\n- and \(problems.count - 20) more" : ""
        return .failure(
            "The arguments of \(name) do not fit, nothing was done:\(list)\(more)\nCorrect them and call \(name) again.",
            code: ToolCode.invalidArguments.rawValue
        )
    }

    private var missing: ToolResult {
        .failure(
            "The arguments of \(name) never came, because the answer reached the limit of its length; nothing was done. Call \(name) again, with few words before it.",
            code: ToolCode.invalidArguments.rawValue
        )
    }

    private func malformed(_ text: String, _ error: JSONError) -> ToolResult {
        .failure(
            "The arguments of \(name) are not valid JSON, nothing was done: \(quoted(text)) (\(error))\nCall \(name) again with one JSON object.",
            code: ToolCode.invalidArguments.rawValue
        )
    }

    private var broken: ToolResult {
        guard case .broken(let problem) = schema else { return refusal([]) }
        return .failure(
            "The tool \(name) cannot be called: its parameters are no valid JSON Schema (\(problem)).",
            code: ToolCode.misconfigured.rawValue
        )
    }
}
