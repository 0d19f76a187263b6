import BatutaCore

/// Finds keys and passwords that somebody wrote into a file instead of `${secret.NAME}`.
enum LiteralSecrets {
    private static let secretKeys: Set<String> = [
        "api_key", "apikey", "authorization", "client_secret", "app_secret", "password", "token", "x-api-key", "api-key",
        "proxy-authorization",
    ]
    /// Beginnings of keys that providers give out.
    private static let prefixes = ["sk-", "gsk_", "ghp_", "github_pat_", "xoxb-", "xoxp-", "AIza", "AKIA", "glpat-", "EAA"]
    /// Shorter texts are placeholders, and replacing them in a snapshot would hit innocent text.
    private static let shortest = 8

    /// The secrets themselves; each gets a warning that does not repeat it.
    static func find(in root: YAMLNode, _ problems: inout ProblemList) -> [String] {
        var found: [String] = []
        // A schema may well have a property that is called `token`.
        for member in root.members ?? [] where !["parameters", "profile", "output_schema"].contains(member.key) {
            look(member, &found, &problems)
        }
        return found
    }

    private static func look(_ member: YAMLNode.Member, _ found: inout [String], _ problems: inout ProblemList) {
        if let text = member.value.string { consider(text, under: member.key, member.value.line, &found, &problems) }
        walk(member.value, &found, &problems)
    }

    private static func walk(_ node: YAMLNode, _ found: inout [String], _ problems: inout ProblemList) {
        for member in node.members ?? [] { look(member, &found, &problems) }
        for element in node.elements ?? [] {
            if let text = element.string { consider(text, under: "", element.line, &found, &problems) }
            walk(element, &found, &problems)
        }
    }

    private static func consider(_ text: String, under key: String, _ line: Int, _ found: inout [String], _ problems: inout ProblemList) {
        // `token` may also be the address that gives tokens.
        guard !text.contains("${"), !text.hasPrefix("https://"), !text.hasPrefix("http://") else { return }
        let bare = ["Bearer ", "Basic ", "Token "].first { text.hasPrefix($0) }.map { String(text.dropFirst($0.count)) } ?? text
        let isNamed = secretKeys.contains(key.lowercased())
        let looksLikeKey = bare.utf8.count >= 20 && !bare.contains(" ") && prefixes.contains { bare.hasPrefix($0) }
        guard bare.utf8.count >= shortest, isNamed || looksLikeKey else { return }
        found.append(bare)
        let hint = Words(
            "write \"${secret.NAME}\" and set NAME in the environment or in .env",
            "escreva \"${secret.NOME}\" e defina NOME no ambiente ou no .env"
        )
        problems.warning(line, Words("a secret stands in the file", "há um segredo escrito no arquivo"), hint: hint)
    }
}
