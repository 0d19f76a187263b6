import BatutaAgents
import BatutaStorage
import Glibc

/// The environment with what the store adds to it, looked at before a node opens: the start and `check` find a key wherever it lies.
enum StoredEnvironment {
    /// A store that is not there yet adds nothing, and is not made.
    static func read(_ settings: NodeSettings) async throws -> EnvironmentView {
        guard access(settings.databasePath, R_OK) == 0 else { return settings.environment }
        return try await AdminStore.visit(settings) { database in
            settings.environment.with(try await Vault(in: database, source: try settings.masterKeySource(), clock: SystemClock()))
        }
    }
}
