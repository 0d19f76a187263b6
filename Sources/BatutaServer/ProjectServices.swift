public import BatutaAgents
public import BatutaStorage

/// What routes about secrets and models work on: the project that is served, and the vault that it looks into.
public struct ProjectServices: Sendable {
    public let served: ServedProject
    public let vault: Vault

    public init(served: ServedProject, vault: Vault) {
        self.served = served
        self.vault = vault
    }

    /// Lets what changed in the vault count from now on, and what the project lacks be known.
    func renew(_ status: ServerStatus) async throws {
        status.report(problems: try await served.renew().map { "\($0)" })
    }
}
