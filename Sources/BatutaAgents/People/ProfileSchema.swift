public import BatutaCore

/// A project's `profile`: what users may set about themselves.
public struct ProfileSchema: Sendable {
    /// As the project wrote it.
    public let source: JSON
    private let schema: JSONSchema

    /// Compiles the schema. Throws `SchemaError`.
    public init(_ source: JSON) throws(SchemaError) {
        self.source = source
        schema = try JSONSchema(source)
    }

    /// The fields, in the order of the file.
    public var fields: [String] { (source["properties"]?.object ?? [:]).map(\.key) }

    /// What is stored, as far as the schema still declares it.
    public func declared(_ profile: JSONObject) -> JSONObject {
        JSONObject(fields.compactMap { name in profile[name].map { (name, $0) } })
    }

    /// The same, over the schema's defaults: what expressions and variables see.
    public func filled(_ profile: JSONObject) -> JSONObject {
        JSONObject(fields.compactMap { name in (profile[name] ?? source["properties"]?[name]?["default"]).map { (name, $0) } })
    }

    /// Everything that is wrong with a profile, by field, in words for its owner.
    public func problems(of profile: JSONObject) -> [(field: String, message: Words)] {
        schema.fieldProblems(of: .object(profile)).map { problem in
            let isField = problem.path.count == 1
            return (problem.path.first ?? "", isField ? problem.words : Words("does not fit", "não serve aqui"))
        }
    }
}
