import BatutaCore

/// One key of a record: how it is read into `Root`, and what it means.
struct Field<Root: Sendable>: Sendable {
    var key: String
    var schema: FileSchema
    var isRequired: Bool
    /// Whether this version does something with it, so that it may be suggested.
    var isOffered = true
    /// A sentence for editors.
    var note: Words
    var read: @Sendable (_ node: YAMLNode, _ keyLine: Int, _ root: inout Root, _ problems: inout ProblemList) -> Void

    init<Value: Sendable>(
        _ key: String,
        _ place: any WritableKeyPath<Root, Value> & Sendable,
        _ shape: Shape<Value>,
        _ note: Words,
        required: Bool = false
    ) {
        self.init(key: key, shape: shape, note: note, required: required) { value, root in root[keyPath: place] = value }
    }

    init<Value: Sendable>(
        _ key: String,
        _ place: any WritableKeyPath<Root, Value?> & Sendable,
        _ shape: Shape<Value>,
        _ note: Words,
        required: Bool = false
    ) {
        self.init(key: key, shape: shape, note: note, required: required) { value, root in root[keyPath: place] = value }
    }

    private init<Value: Sendable>(
        key: String,
        shape: Shape<Value>,
        note: Words,
        required: Bool,
        store: @escaping @Sendable (Value, inout Root) -> Void
    ) {
        self.key = key
        self.note = note
        schema = shape.schema
        isRequired = required
        read = { node, keyLine, root, problems in
            if node.isNull, !shape.takesNull {
                if required { problems.error(keyLine, Words("`\(key)` is empty", "`\(key)` está sem valor"), hint: note) }
                return
            }
            if let value = shape.read(node, &problems) { store(value, &root) }
        }
    }

    private init(key: String, note: Words, read: @escaping @Sendable (YAMLNode, Int, inout ProblemList) -> Void) {
        self.key = key
        self.note = note
        schema = true
        isRequired = false
        self.read = { node, line, _, problems in read(node, line, &problems) }
    }

    /// A key of the language that this version reads over; `harmless` are values that ask for nothing.
    static func notYet(_ key: String, _ note: Words, harmless: [JSON] = []) -> Field {
        let field = Field(key: key, note: note) { node, line, problems in
            guard !node.isNull, !harmless.contains(node.json) else { return }
            problems.warning(line, .notYet("`\(key)`") + Words("; it has no effect", "; não tem efeito"))
        }
        return field.unoffered
    }

    /// A key of the language that must not be read over, because it promises something.
    static func refused(_ key: String, _ note: Words, because reason: Words, harmless: [JSON] = []) -> Field {
        let field = Field(key: key, note: note) { node, line, problems in
            guard !node.isNull, !harmless.contains(node.json) else { return }
            problems.error(line, .notYet("`\(key)`") + Words(": ", ": ") + reason, hint: .removeKey)
        }
        return field.unoffered
    }

    /// The same, known but never suggested.
    var unoffered: Field {
        var field = self
        field.isOffered = false
        return field
    }

    /// A key that carries nothing, such as a comment for people.
    static func unread(_ key: String, _ note: Words) -> Field { Field(key: key, note: note) { _, _, _ in } }
}

extension Words {
    static let removeKey = Words("remove it", "remova a chave")

    /// A part of the language that this version does not run.
    static func notYet(_ what: Words) -> Words {
        what + Words(" is not supported yet by this version", " ainda não existe nesta versão")
    }

    static func notYet(_ name: String) -> Words { notYet(Words(name, name)) }
}

/// What becomes of a key that a record does not know.
enum UnknownKeys: Sendable {
    case error, warning
}

extension Shape {
    /// A mapping with fixed keys.
    ///
    /// - Parameter initial: the value when no key is given.
    static func record(
        _ initial: Value,
        _ what: Words,
        unknown: UnknownKeys = .error,
        _ fields: [Field<Value>]
    ) -> Shape {
        let record = RecordReader(initial: initial, what: what, unknown: unknown, fields: fields)
        return Shape(schema: record.schema, expected: what) { node, problems in record.read(node, &problems) }
    }
}

private struct RecordReader<Value: Sendable>: Sendable {
    let initial: Value
    let what: Words
    let unknown: UnknownKeys
    let fields: [Field<Value>]

    func read(_ node: YAMLNode, _ problems: inout ProblemList) -> Value? {
        guard let members = node.members else {
            problems.error(node.line, .expected(what, insteadOf: node), hint: .writeKeyAndValue)
            return nil
        }
        var value = initial
        for member in members {
            guard let field = fields.first(where: { $0.key == member.key }) else {
                let severity = unknown == .error ? ProjectProblem.Severity.error : .warning
                let offered = fields.filter(\.isOffered).map(\.key)
                problems.unknown(.key, member.key, among: offered, line: member.keyLine, severity: severity)
                continue
            }
            field.read(member.value, member.keyLine, &value, &problems)
        }
        for field in fields where field.isRequired && node[field.key] == nil {
            problems.error(node.line, Words("`\(field.key)` is missing", "falta `\(field.key)`"), hint: field.note)
        }
        return value
    }

    var schema: FileSchema { FileSchema(schema) }

    private func schema(_ language: Language) -> JSON {
        var properties = JSONObject()
        for field in fields {
            let description = JSON.string(field.note(language))
            let schema = field.schema(language)
            if case .object(var object) = field.isRequired ? schema : schema.orNull {
                object["description"] = description
                properties[field.key] = .object(object)
            } else {
                properties[field.key] = ["description": description]
            }
        }
        var object = JSONObject([("type", "object"), ("properties", .object(properties))])
        let required = fields.filter(\.isRequired).map { JSON.string($0.key) }
        if !required.isEmpty { object["required"] = .array(required) }
        if unknown == .error { object["additionalProperties"] = false }
        return .object(object)
    }
}
