/// A compiled JSON Schema (draft 2020-12): says what is wrong with a value, in words that a model can act on.
///
/// Annotations and unknown keywords are ignored; `$ref` reaches within the document only; `format` is enforced for `date`, `time`,
/// `date-time`, `email`, `uri`, `uuid`; `pattern` is RE2. Checking is bounded: a value or schema that would take too much work
/// or recurse without end is refused with the keyword `limit`. Values over 64 kB belong on the cooperative pool (DESIGN §9.12).
public struct JSONSchema: Sendable {
    /// More subschemas than this are no schema of a tool.
    public static let mostSubschemas = 20_000
    /// What a value may cost: about one step per subschema and element looked at, some 0.1 µs each.
    private static let steps = 1_000_000

    /// The schema as it was given.
    public let source: JSON
    /// Unknown keywords that are most likely meant as known ones. They have no effect here, as the specification says; whoever wrote the
    /// schema by hand wants to know.
    public let misspelt: [MisspeltKeyword]
    private let nodes: [SchemaNode]

    /// Compiles a schema.
    ///
    /// - Throws: `SchemaError`, which names the place within the schema.
    public init(_ schema: JSON) throws(SchemaError) {
        source = schema
        var compiler = SchemaCompiler(document: schema)
        nodes = try compiler.compile()
        misspelt = compiler.misspelt.sorted { ($0.pointer, $0.name) < ($1.pointer, $1.name) }
    }

    /// Everything that is wrong with a value, at most 50 findings; empty when it fits.
    public func violations(of value: JSON) -> [SchemaViolation] {
        var validator = SchemaValidator(nodes: nodes, steps: Self.steps)
        return validator.run(value)
    }

    /// Whether a value fits. Costs less than `violations(of:)` for a value that does not.
    public func accepts(_ value: JSON) -> Bool {
        var validator = SchemaValidator(nodes: nodes, steps: Self.steps)
        return validator.accepts(value)
    }
}
