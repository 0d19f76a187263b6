import BatutaCore

/// Options of `batuta serve` that a project sets: the last place that is looked at before the defaults (API §1).
struct ServerEntry: Sendable {
    /// By the option's name in words: `port`, `public_url`.
    var settings: [String: String] = [:]

    static let keys: [(name: String, note: Words)] = [
        ("host", Words("The address to listen on.", "O endereço em que escutar.")),
        ("port", Words("The port; 0 for any.", "A porta; 0 para qualquer uma.")),
        ("database", Words("sqlite:PATH or postgres://…", "sqlite:CAMINHO ou postgres://…")),
        ("redis", Words("A Redis URL.", "Uma URL do Redis.")),
        ("public_url", Words("The address that links and callbacks carry.", "O endereço que vai em links e callbacks.")),
        ("log_format", Words("text or json.", "text ou json.")),
        ("log_level", Words("The least severe level that is logged.", "O nível menos grave que vai para o log.")),
        ("workers", Words("Runs at a time.", "Execuções ao mesmo tempo.")),
        ("drain_timeout", Words("Time to finish when stopping.", "Tempo para terminar ao parar.")),
    ]

    static let shape = Shape.record(
        ServerEntry(),
        Words("server options", "um mapeamento com as opções do servidor"),
        keys.map { key in Field(key.name, \.settings[key.name], value, key.note) }
    )

    private static let value = Shape<String>(schema: ["type": ["string", "integer"]], expected: textOrNumber) { node, problems in
        switch node.content {
        case .string(let text): return text
        case .number(let number): return number.literal
        default:
            problems.error(node.line, .expected(textOrNumber, insteadOf: node))
            return nil
        }
    }

    private static let textOrNumber = Words("text or a number", "texto ou um número")
}
