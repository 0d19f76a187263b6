import BatutaCore

/// Refusals of the API in the words of the command line: who typed `--from` has never heard of `from_event`.
enum TerminalWords {
    /// What commands call the fields that they send.
    private static let names = [
        ("from_event", "--from"), ("changes.content", "--content"), ("changes.instructions", "--instructions"),
        ("changes.model", "--model"), ("changes.tool_results", "--tool-results"), ("user_id", "--user"), ("group_by", "--by"),
        ("session_id", "--session"), ("comment", "--note"),
    ]

    /// What the server said, with its fields under their names here.
    static func text(_ refusal: APIClient.Refusal, hasKey: Bool, _ language: Language) -> String {
        if refusal.status == 401, !hasKey { return needsKey(language) }
        let named = Set((refusal.json["errors"]?.array ?? []).compactMap { $0["field"]?.string })
        return names.reduce(refusal.detail) { text, name in
            // A plain word may be meant as one.
            guard name.0.contains("_") || name.0.contains(".") || named.contains(name.0) else { return text }
            return text.replacing(name.0, with: name.1)
        }
    }

    private static let needsKey = Words(
        "The server wants a key: --key KEY, or BATUTA_KEY. Where its folder is, batuta key create NAME makes one.",
        "O servidor pede uma chave: --key CHAVE, ou BATUTA_KEY. Para criar uma, onde está a pasta dele: batuta key create NOME"
    )
}
