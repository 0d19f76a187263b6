import BatutaCore

/// The JSON Schema of a place in a project file: the same in both languages but for its descriptions.
struct FileSchema: Sendable {
    private let english: JSON
    private let portuguese: JSON

    init(_ make: (Language) -> JSON) {
        english = make(.english)
        portuguese = make(.portuguese)
    }

    func callAsFunction(_ language: Language) -> JSON { language == .portuguese ? portuguese : english }
}

extension FileSchema: ExpressibleByDictionaryLiteral, ExpressibleByBooleanLiteral {
    init(dictionaryLiteral members: (String, JSON)...) { self.init { _ in .object(JSONObject(members)) } }

    init(booleanLiteral value: Bool) { self.init { _ in .bool(value) } }
}
