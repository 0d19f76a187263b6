import BatutaAgents
import BatutaTools

/// Secrets of tools from the vault, the environment and `.env`, looked up anew for every call.
struct CurrentSecrets: ToolSecretSource {
    let circumstances: ProjectCircumstances
    let known: KnownSecrets

    func secret(_ name: String) -> String? { circumstances.environment.secret(name) }
    func environment(_ name: String) -> String? { circumstances.environment.variable(name) }
    func mask(_ text: String) -> String { known.mask(text) }
}
