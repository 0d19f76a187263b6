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
    ///
    /// - Parameter language: `pt-BR` or `en`.
    public func problems(of profile: JSONObject, language: String) -> [(field: String, message: String)] {
        let missing = (source["required"]?.array ?? []).compactMap(\.string).filter { profile[$0] == nil }
        let wrong = schema.violations(of: .object(profile)).filter { !($0.keyword == "required" && $0.pointer.isEmpty) }
        return missing.map { ($0, words(of: $0, language).isMissing) }
            + wrong.map { violation in
                let field = JSONPointer(violation.pointer)?.tokens.first ?? ""
                return (field, words(of: field, language).words(for: violation))
            }
    }

    private func words(of field: String, _ language: String) -> ProfileWords {
        ProfileWords(source["properties"]?[field] ?? [:], language: language)
    }
}
