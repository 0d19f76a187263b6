import BatutaCore

/// What is worth remembering of an exchange, for a project that lets its model look for that (`memory: { extract: true }`): lines of the user's
/// message that begin with `fact:`, and nothing of any other.
struct SimulatedFacts {
    private static let opening = "Known already:\n"
    private static let said = "\nThe user said:\n"

    /// The answer to a question that asks for facts; nil for any other.
    static func answer(to question: String) -> String? {
        guard question.hasPrefix(opening), let place = question.firstRange(of: said) else { return nil }
        let quoted = question[place.upperBound...].prefix { $0 != "\n" }
        let message = (try? JSON.parse(Array(quoted.utf8)))?.string ?? ""
        let facts = message.split(separator: "\n").filter { $0.hasPrefix("fact:") }.map { line in
            JSON.object(["fact": .string(String(line.dropFirst(5).drop { $0 == " " }))])
        }
        return JSON.array(facts).text
    }
}
