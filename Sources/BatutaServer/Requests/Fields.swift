import BatutaCore
import BatutaHTTP

/// The fields of a request's JSON body. Native routes refuse fields that they do not know, and say all that is wrong at once (API §3).
struct Fields {
    private let object: JSONObject
    private var problems: [(field: String, message: String)] = []

    /// - Parameter known: Every field that the route takes.
    init(_ bytes: [UInt8], known: [String]) throws(Problem) {
        let json: JSON
        do {
            json = bytes.isEmpty ? [:] : try JSON.parse(bytes)
        } catch {
            throw Problem(.badRequest, code: "invalid_json", "The body is not valid JSON: \(error.message)")
        }
        try self.init(json, known: known)
    }

    init(_ json: JSON, known: [String]) throws(Problem) {
        guard let object = json.object else {
            throw Problem(.badRequest, code: "invalid_json", "The body must be a JSON object, got \(json.typeName).")
        }
        self.object = object
        for name in object.keys where !known.contains(name) {
            let near = nearestNames(to: name, among: known, limit: 1).first.map { "; did you mean `\($0)`?" } ?? ""
            problems.append((name, "unknown field\(near) Known: \(known.joined(separator: ", "))."))
        }
    }

    mutating func string(_ name: String) -> String? {
        typed(name, "a string") { $0.string }
    }

    mutating func requiredString(_ name: String) -> String {
        if object[name] == nil { problems.append((name, "is required")) }
        return string(name) ?? ""
    }

    /// One of some words, which must be there.
    mutating func requiredWord(_ name: String, of words: [String]) -> String {
        let problemsBefore = problems.count
        let word = requiredString(name)
        if problems.count == problemsBefore, !words.contains(word) { refuse(name, "must be \(words.joined(separator: " or "))") }
        return word
    }

    mutating func bool(_ name: String) -> Bool? { typed(name, "true or false") { $0.bool } }

    /// A whole number from 0.
    mutating func number(_ name: String) -> Int64? {
        typed(name, "a whole number from 0") { json in json.int.flatMap { $0 >= 0 ? $0 : nil } }
    }

    mutating func object(_ name: String) -> JSON? { typed(name, "an object") { $0.object.map(JSON.object) } }

    /// Any value, also null, when the field is there.
    func value(_ name: String) -> JSON? { object[name] }

    mutating func refuse(_ name: String, _ message: String) { problems.append((name, message)) }

    /// Throws when anything was wrong.
    func check() throws(Problem) {
        guard !problems.isEmpty else { return }
        let detail = problems.map { "\($0.field): \($0.message)" }.joined(separator: " ")
        throw Problem(
            .badRequest,
            code: "invalid_request",
            detail: detail,
            errors: problems.map { .init(field: $0.field, message: $0.message) }
        )
    }

    private mutating func typed<Value>(_ name: String, _ expected: String, _ read: (JSON) -> Value?) -> Value? {
        guard let json = object[name], !json.isNull else { return nil }
        if let value = read(json) { return value }
        problems.append((name, "must be \(expected), got \(json.typeName)"))
        return nil
    }
}
