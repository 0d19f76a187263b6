import BatutaAgents
import BatutaCore
import BatutaTelemetry
import BatutaTools

/// Secrets of tools from the vault, the environment and `.env`, and connected accounts, looked up anew for every call.
struct CurrentSecrets: ToolSecretSource {
    let circumstances: ProjectCircumstances
    let known: KnownSecrets
    let accounts: AccountConnections
    /// The project's connections.
    let connections: [ConnectionDefinition]

    func secret(_ name: String) -> String? { circumstances.environment.secret(name) }
    func environment(_ name: String) -> String? { circumstances.environment.variable(name) }
    func mask(_ text: String) -> String { known.mask(text) }

    func connection(_ name: String, context: ToolContext) async -> JSON? {
        guard case .connected(let value) = await lookup(name, context) else { return nil }
        return value
    }

    func connectionTrouble(_ name: String, context: ToolContext) async -> String {
        switch await lookup(name, context) {
        case .missing(let words): words
        case .connected: "the account “\(name)” has only just been connected: try again"
        }
    }

    private func lookup(_ name: String, _ context: ToolContext) async -> AccountConnections.Lookup {
        guard let definition = connections.first(where: { $0.name == name }) else {
            return .missing("the project has no connection “\(name)”")
        }
        let environment = circumstances.environment
        return await accounts.lookup(definition, user: context.user["id"]?.string ?? "") { environment.render($0) }
    }
}
