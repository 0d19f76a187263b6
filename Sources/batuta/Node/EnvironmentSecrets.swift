import BatutaAgents
import BatutaModels
import BatutaTools

/// Secrets and variables of tools from the environment and `.env`, looked up anew for every call.
struct EnvironmentSecrets: ToolSecretSource {
    let view: EnvironmentView
    private let known: SecretPatterns

    init(_ view: EnvironmentView, known: [String]) {
        self.view = view
        self.known = SecretPatterns(known)
    }

    func secret(_ name: String) -> String? { view[name] }
    func environment(_ name: String) -> String? { view[name] }
    func mask(_ text: String) -> String { known.masked(text) }
}
