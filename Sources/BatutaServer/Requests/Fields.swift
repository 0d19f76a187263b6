import BatutaAgents
import BatutaCore
import BatutaHTTP

/// The fields of a request's JSON body. Native routes refuse fields that they do not know, and say all that is wrong at once (API §3).
struct Fields {
    private let object: JSONObject
    private var problems: [Problem.FieldError] = []
    /// What stands before a field's name where it is named to somebody.
    private let place: String

    /// - Parameter known: Every field that the route takes.
    init(_ bytes: [UInt8], known: [String]) throws(Problem) {
        let json: JSON
        do {
            json = bytes.isEmpty ? [:] : try JSON.parse(bytes)
        } catch {
            let opening = Words("The body is not valid JSON: ", "O corpo não é JSON válido: ")
            throw Problem(.badRequest, code: "invalid_json", opening + error.words + Words(".", "."))
        }
        try self.init(json, known: known)
    }

    /// - Parameter place: The field of the body that holds the object; empty for the body itself.
    init(_ json: JSON, known: [String], under place: String = "") throws(Problem) {
        self.place = place.isEmpty ? "" : place + "."
        guard let object = json.object else {
            let words = Words("The body must be a JSON object, got ", "O corpo precisa ser um objeto JSON, e veio ")
            throw Problem(.badRequest, code: "invalid_json", words + json.typeWords + Words(".", "."))
        }
        self.object = object
        for name in object.keys where !known.contains(name) {
            refuse(name, Self.unknown(name, known))
        }
    }

    private static func unknown(_ name: String, _ known: [String]) -> Words {
        if known.isEmpty { return Words("unknown field; nothing is taken here", "campo desconhecido; aqui não entra nenhum") }
        let near = nearestNames(to: name, among: known, limit: 1).first
        let meant = near.map { Words("; did you mean `\($0)`?", "; você quis dizer `\($0)`?") } ?? Words(".", ".")
        let names = known.joined(separator: ", ")
        return Words("unknown field", "campo desconhecido") + meant + Words(" Known: \(names).", " Existem: \(names).")
    }

    mutating func string(_ name: String) -> String? {
        typed(name, Words("a string", "um texto")) { $0.string }
    }

    mutating func requiredString(_ name: String) -> String {
        require(name)
        return string(name) ?? ""
    }

    /// Refuses a body without the field; a value of the wrong type is told by whoever reads it.
    mutating func require(_ name: String) {
        if object[name] ?? .null == .null { refuse(name, .isRequired) }
    }

    /// One of some words, which must be there.
    mutating func requiredWord(_ name: String, of words: [String]) -> String {
        let problemsBefore = problems.count
        let word = requiredString(name)
        let isGiven = problems.count == problemsBefore
        if isGiven, !words.contains(word) {
            refuse(name, Words("must be \(words.joined(separator: " or "))", "precisa ser \(words.joined(separator: " ou "))"))
        }
        return word
    }

    mutating func bool(_ name: String) -> Bool? { typed(name, Words("true or false", "true ou false")) { $0.bool } }

    /// A whole number from 0.
    mutating func number(_ name: String) -> Int64? {
        typed(name, Words("a whole number from 0", "um número inteiro a partir de 0")) { json in json.int.flatMap { $0 >= 0 ? $0 : nil } }
    }

    mutating func object(_ name: String) -> JSON? { typed(name, Words("an object", "um objeto")) { $0.object.map(JSON.object) } }

    /// Any value, also null, when the field is there.
    func value(_ name: String) -> JSON? { object[name] }

    /// Each field is told one thing: the first that is wrong with it.
    mutating func refuse(_ name: String, _ message: Words) {
        let field = place + name
        if !problems.contains(where: { $0.field == field }) { problems.append(.init(field: field, message: message)) }
    }

    /// Throws when anything was wrong.
    func check() throws(Problem) {
        guard !problems.isEmpty else { return }
        func detail(_ language: Language) -> String {
            problems.map { "\($0.field): \($0.message(language))" }.joined(separator: " ")
        }
        throw Problem(
            .badRequest,
            code: "invalid_request",
            detail: Words(detail(.english), detail(.portuguese)),
            errors: problems
        )
    }

    private mutating func typed<Value>(_ name: String, _ expected: Words, _ read: (JSON) -> Value?) -> Value? {
        guard let json = object[name], !json.isNull else { return nil }
        if let value = read(json) { return value }
        refuse(name, Words("must be ", "precisa ser ") + expected + Words(", got ", ", e veio ") + json.typeWords)
        return nil
    }
}

extension Words {
    static let isRequired = Words("is required", "é obrigatório")
}

extension JSON {
    /// What kind of value it is.
    var typeWords: Words {
        let portuguese =
            switch self {
            case .null: "null"
            case .bool: "true ou false"
            case .number: "um número"
            case .string: "um texto"
            case .array: "uma lista"
            case .object: "um objeto"
            }
        return Words(typeName, portuguese)
    }
}
