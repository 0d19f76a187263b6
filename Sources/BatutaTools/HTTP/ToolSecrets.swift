public import BatutaCore
import BatutaTelemetry

/// Where a tool's `secret.NAME`, `env.NAME` and `connection.NAME` come from, looked up at the moment of the attempt.
public protocol ToolSecretSource: Sendable {
    /// From the vault, then the environment; nil when there is none.
    func secret(_ name: String) -> String?
    /// Only what the project may see of the environment.
    func environment(_ name: String) -> String?
    /// The caller's (or the project's) connected account as an object (`token` and its fields); nil when nobody has connected it.
    func connection(_ name: String, context: ToolContext) async -> JSON?
    /// Why there is none, for the model: a whole sentence without a full stop.
    func connectionTrouble(_ name: String, context: ToolContext) async -> String
    /// Shows every known secret in a text as `•••`.
    func mask(_ text: String) -> String
}

extension ToolSecretSource {
    public func connection(_ name: String, context: ToolContext) async -> JSON? { nil }

    public func connectionTrouble(_ name: String, context: ToolContext) async -> String {
        "the account \(quoted(name)) is not connected; ask the user to connect it"
    }
}

/// Secrets and environment given as dictionaries: for projects without a vault, and for tests.
public struct StaticToolSecrets: ToolSecretSource {
    private let secrets: [String: String]
    private let variables: [String: String]
    private let known: SecretMask

    public init(secrets: [String: String] = [:], environment: [String: String] = [:]) {
        self.secrets = secrets
        variables = environment
        var known = SecretMask(keyShapes: false)
        for secret in secrets.values { known.register(secret) }
        self.known = known
    }

    public func secret(_ name: String) -> String? { secrets[name] ?? variables[name] }

    public func environment(_ name: String) -> String? { variables[name] }

    public func mask(_ text: String) -> String { known.mask(text) }
}
