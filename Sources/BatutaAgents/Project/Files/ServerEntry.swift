import BatutaCore

/// Options of `batuta serve` that a project sets: the last place that is looked at before the defaults (API §1).
struct ServerEntry: Sendable {
    /// By the option's name in words: `port`, `public_url`.
    var settings: [String: String] = [:]

    static let keys: [(name: String, note: Words, rule: Rule)] = [
        ("host", Words("The address to listen on.", "O endereço em que escutar."), .any),
        ("port", Words("The port; 0 for any.", "A porta; 0 para qualquer uma."), .whole(0...65_535)),
        ("database", Words("sqlite:PATH or postgres://…", "sqlite:CAMINHO ou postgres://…"), .beginning(with: ["sqlite:", "postgres"])),
        ("redis", Words("A Redis URL.", "Uma URL do Redis."), .beginning(with: ["redis"])),
        (
            "public_url", Words("The address that links and callbacks carry.", "O endereço que vai em links e callbacks."),
            .beginning(with: ["http://", "https://"])
        ),
        ("log_format", Words("text or json.", "text ou json."), .word(["text", "json"])),
        (
            "log_level", Words("The least severe level that is logged.", "O nível menos grave que vai para o log."),
            .word(["error", "warning", "info", "debug"])
        ),
        ("workers", Words("Runs at a time.", "Execuções ao mesmo tempo."), .whole(1...1_000_000)),
        ("drain_timeout", Words("Time to finish when stopping.", "Tempo para terminar ao parar."), .duration),
    ]

    static let shape = Shape.record(
        ServerEntry(),
        Words("server options", "um mapeamento com as opções do servidor"),
        keys.map { key in Field(key.name, \.settings[key.name], value(key.rule), key.note) }
    )

    /// What an option may be; the command that reads it looks closer.
    struct Rule: Sendable {
        let expected: Words
        let fits: @Sendable (String) -> Bool

        static let any = Rule(expected: textOrNumber) { !$0.isEmpty }

        static let duration = Rule(expected: Words("a time such as 30s", "um tempo como 30s")) { DurationText.duration($0) != nil }

        static func whole(_ range: ClosedRange<Int>) -> Rule {
            let (least, most) = (range.lowerBound, range.upperBound)
            let expected = Words("a whole number from \(least) to \(most)", "um número inteiro de \(least) a \(most)")
            return Rule(expected: expected) { Int($0).map(range.contains) ?? false }
        }

        static func word(_ words: [String]) -> Rule {
            let list = words.joined(separator: ", ")
            return Rule(expected: Words("one of \(list)", "um destes: \(list)")) { words.contains($0) }
        }

        static func beginning(with beginnings: [String]) -> Rule {
            let list = beginnings.map { $0 + "…" }
            let expected = Words(list.joined(separator: " or "), list.joined(separator: " ou "))
            return Rule(expected: expected) { text in beginnings.contains(where: text.hasPrefix) }
        }
    }

    /// A value may hold a password, so it is not told.
    private static func value(_ rule: Rule) -> Shape<String> {
        Shape<String>(schema: ["type": ["string", "integer"]], expected: rule.expected) { node, problems in
            guard let text = text(of: node) else {
                problems.error(node.line, .expected(textOrNumber, insteadOf: node))
                return nil
            }
            if rule.fits(text) { return text }
            problems.error(node.line, Words("\(rule.expected.english) was expected", "esperava-se \(rule.expected.portuguese)"))
            return nil
        }
    }

    private static func text(of node: YAMLNode) -> String? {
        switch node.content {
        case .string(let text): text
        case .number(let number): number.literal
        default: nil
        }
    }

    private static let textOrNumber = Words("text or a number", "texto ou um número")
}
