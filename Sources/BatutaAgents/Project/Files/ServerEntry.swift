import BatutaCore

/// Options of `batuta serve` that a project sets: the last place that is looked at before the defaults (API §1).
struct ServerEntry: Sendable {
    /// By the option's name in words: `port`, `public_url`.
    var settings: [String: String] = [:]

    static let keys: [(name: String, note: String)] = [
        ("host", "The address to listen on."), ("port", "The port; 0 for any."), ("database", "sqlite:PATH or postgres://…"),
        ("redis", "A Redis URL."), ("public_url", "The address that links and callbacks carry."), ("log_format", "text or json."),
        ("log_level", "The least severe level that is logged."), ("workers", "Runs at a time."),
        ("drain_timeout", "Time to finish when stopping."),
    ]

    static let shape = Shape.record(
        ServerEntry(),
        "server options",
        keys.map { key in Field(key.name, \.settings[key.name], value, key.note) }
    )

    private static let value = Shape<String>(schema: ["type": ["string", "integer"]], expected: "text or a number") { node, problems in
        switch node.content {
        case .string(let text): return text
        case .number(let number): return number.literal
        default:
            problems.error(node.line, "text or a number was expected, this is \(node.typeWords)")
            return nil
        }
    }
}
