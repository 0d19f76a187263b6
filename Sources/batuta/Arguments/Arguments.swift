import BatutaCore

/// The words of a command line, taken apart by the options that a command knows.
struct Arguments: Sendable {
    private(set) var positionals: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    private let environment: [String: String]

    /// - Throws: `CommandFailure.usage` for an unknown option or a missing value, with the nearest name.
    init(_ words: [String], options: [Option], environment: [String: String], language: Language) throws(CommandFailure) {
        self.environment = environment
        let known = Dictionary((options + [.help]).map { ($0.name, $0) }) { first, _ in first }
        var rest = words[...]
        var onlyPositionals = false
        while let word = rest.popFirst() {
            if onlyPositionals || !word.hasPrefix("-") || word == "-" {
                positionals.append(word)
            } else if word == "--" {
                onlyPositionals = true
            } else {
                try take(word, &rest, known, language)
            }
        }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>, _ known: [String: Option], _ language: Language)
        throws(CommandFailure)
    {
        let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = word == "-h" ? "help" : parts.first ?? ""
        guard let option = known[name] else { throw Self.unknown(word, known, language) }
        guard option.value != nil else {
            flags.insert(name)
            return
        }
        if parts.count > 1 {
            values[name] = parts[1]
        } else if let value = rest.popFirst() {
            values[name] = value
        } else {
            throw .usage(Words("--\(name) needs a value.", "--\(name) precisa de um valor.")(language))
        }
    }

    private static func unknown(_ word: String, _ known: [String: Option], _ language: Language) -> CommandFailure {
        let near = nearestNames(to: String(word.drop { $0 == "-" }), among: Array(known.keys), limit: 1).first
        let hint = near.map { Words(" Did you mean --\($0)?", " Você quis dizer --\($0)?")(language) } ?? ""
        return .usage(Words("Unknown option \(word).", "Opção desconhecida: \(word).")(language) + hint)
    }

    /// The value given on the command line, else in the environment.
    func value(_ option: Option) -> String? { values[option.name] ?? environment[option.variable].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value given on the command line only.
    func given(_ option: Option) -> String? { values[option.name] }

    func has(_ option: Option) -> Bool {
        if flags.contains(option.name) { return true }
        guard option.value == nil, let text = environment[option.variable] else { return false }
        return !["", "0", "false", "no"].contains(text.lowercased())
    }

    var wantsHelp: Bool { flags.contains("help") }
}
