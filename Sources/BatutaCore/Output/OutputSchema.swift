/// What an agent's final answer has to be (`output_schema`): JSON that fits a schema.
public struct OutputSchema: Sendable {
    public let schema: JSONSchema
    /// The schema as JSON bytes, made once per project.
    public let bytes: [UInt8]

    public init(_ schema: JSONSchema) {
        self.schema = schema
        bytes = schema.source.bytes
    }

    /// Looks at a final answer. Costs what parsing and checking it cost; texts over 64 kB are rare here, as a model's answer is bounded.
    public func check(_ answer: String) -> OutputCheck {
        let written = StructuredAnswer.json(in: answer) ?? answer
        do throws(JSONError) {
            let violations = schema.violations(of: try JSON.parse(written))
            guard !violations.isEmpty else { return .fits }
            return .misfit(answer, problems: Self.words(violations))
        } catch {
            return .misfit(answer, problems: "the answer is not JSON" + Self.place(of: error, in: written))
        }
    }

    /// What stands in a prompt, because not every provider can be told otherwise, and so that a fallback is told the same.
    public var instruction: String {
        """
        Your final answer must be one JSON value that fits this JSON Schema, and nothing else: no words around it, no code fence. \
        Before it you may call tools.
        \(String(decoding: bytes, as: UTF8.self))
        """
    }

    /// Of words in place of JSON nothing is to be said but that.
    private static func place(of error: JSONError, in text: String) -> String {
        let start = text.first { !$0.isWhitespace }
        return start == "{" || start == "[" ? ": \(error)" : ""
    }

    private static let mostWords = 10

    private static func words(_ violations: [SchemaViolation]) -> String {
        let more = violations.count > mostWords ? "; … (\(violations.count - mostWords) more)" : ""
        return violations.prefix(mostWords).map(\.message).joined(separator: "; ") + more
    }
}

/// What came of looking at a final answer that has to fit a schema. Part of the log, so that whoever folds it needs no schema.
public enum OutputCheck: Sendable, Hashable {
    case fits
    /// The text, which is no answer of the run and so in no `message`, and what is wrong with it, in words that the model can act on.
    case misfit(String, problems: String)

    var json: JSON {
        switch self {
        case .fits: ["fits": true]
        case .misfit(let text, let problems): ["fits": false, "problems": .string(problems), "text": .string(text)]
        }
    }

    init?(_ json: JSON) {
        if json["fits"] == true {
            self = .fits
        } else if let problems = json["problems"]?.string, let text = json["text"]?.string {
            self = .misfit(text, problems: problems)
        } else {
            return nil
        }
    }
}
