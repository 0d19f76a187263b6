/// One field that a person filled in wrong.
public struct FieldProblem: Sendable, Hashable {
    /// Names and indices on the way to it, outermost first; empty for the whole.
    public var path: [String]
    public var words: Words

    public init(path: [String], words: Words) {
        self.path = path
        self.words = words
    }
}

extension JSONSchema {
    /// Everything that is wrong with what a person filled in, each field once, in words for people; empty when it fits.
    ///
    /// The messages of `violations(of:)` are written for models.
    public func fieldProblems(of value: JSON) -> [FieldProblem] {
        var seen: Set<[String]> = []
        return violations(of: value).flatMap { problems($0, value) }.filter { seen.insert($0.path).inserted }
    }

    private func problems(_ violation: SchemaViolation, _ value: JSON) -> [FieldProblem] {
        let path = JSONPointer(violation.pointer)?.tokens ?? []
        let rules = Self.rules(at: path, in: source)
        let missing = violation.keyword == "required" ? Self.missing(in: value, at: path, rules) : []
        guard missing.isEmpty else { return missing.map { FieldProblem(path: path + [$0], words: FieldWords.isMissing) } }
        return [FieldProblem(path: path, words: FieldWords(rules).words(for: violation.keyword))]
    }

    private static func missing(in value: JSON, at path: [String], _ rules: JSON) -> [String] {
        let object = value[JSONPointer(path)]
        return (rules["required"]?.array ?? []).compactMap(\.string).filter { object?[$0] == nil }
    }

    /// The schema of a field where it is plainly under `properties` and `items`; an empty one elsewhere.
    private static func rules(at path: [String], in schema: JSON) -> JSON {
        path.reduce(schema) { schema, token in schema["properties"]?[token] ?? (Int(token) == nil ? [:] : schema["items"] ?? [:]) }
    }
}
