import BatutaAgents
import BatutaCore
import BatutaStorage

/// What the environment and the store say of how a project runs, looked at before a node opens: the start and `check` find a key wherever it
/// lies, and the model that was connected.
enum StoredCircumstances {
    /// A store that is not there yet says nothing, and is not made.
    static func read(_ settings: NodeSettings) async throws -> ProjectCircumstances {
        guard settings.storeMayExist else {
            return ProjectCircumstances(environment: settings.environment, rehearses: settings.rehearses)
        }
        return try await AdminStore.visit(settings) { try await read(settings, in: $0, clock: SystemClock()).0 }
    }

    /// The same from a store that is open, with its vault.
    static func read(_ settings: NodeSettings, in database: any Database, clock: any ProjectClock) async throws
        -> (ProjectCircumstances, Vault)
    {
        let vault = try await Vault(in: database, source: try settings.masterKeySource(), clock: clock)
        let circumstances = ProjectCircumstances(
            environment: settings.environment.with(vault),
            connection: try await ModelConnectionStore(database: database, clock: clock).find(),
            rehearses: settings.rehearses
        )
        return (circumstances, vault)
    }

    /// What the project's clock shows: the one that `BATUTA_CLOCK` or somebody set, else the machine's.
    static func now(_ settings: NodeSettings) async throws -> Timestamp {
        let now = SystemClock().now()
        guard settings.storeMayExist else { return settings.fixedClock ?? now }
        return try await AdminStore.visit(settings) { try await StoredClock.moment(in: $0, at: settings.fixedClock, now: now) }
    }
}
