public import BatutaCore

/// Where a tool's `secret.NAME`, `env.NAME` and `connection.NAME` come from, looked up at the moment of the attempt.
public protocol ToolSecretSource: Sendable {
    /// From the vault, then the environment; nil when there is none.
    func secret(_ name: String) -> String?
    /// Only what the project may see of the environment.
    func environment(_ name: String) -> String?
    /// The caller's (or the project's) connected account as an object (`token` and its fields); nil when nobody has connected it.
    func connection(_ name: String, context: ToolContext) async -> JSON?
    /// Shows every known secret in a text as `•••`.
    func mask(_ text: String) -> String
}

extension ToolSecretSource {
    public func connection(_ name: String, context: ToolContext) async -> JSON? { nil }
}

/// Secrets and environment given as dictionaries: for projects without a vault, and for tests.
public struct StaticToolSecrets: ToolSecretSource {
    private let secrets: [String: String]
    private let variables: [String: String]
    private let masked: [String]

    /// Secrets shorter than 4 bytes are not masked: they would hit ordinary words.
    public init(secrets: [String: String] = [:], environment: [String: String] = [:]) {
        self.secrets = secrets
        variables = environment
        masked = secrets.values.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
    }

    public func secret(_ name: String) -> String? { secrets[name] ?? variables[name] }

    public func environment(_ name: String) -> String? { variables[name] }

    public func mask(_ text: String) -> String {
        var text = text
        for secret in masked where text.contains(secret) {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "•••")
        }
        return text
    }
}
