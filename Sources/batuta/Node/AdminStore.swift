import BatutaCore
import BatutaServer
import BatutaStorage

/// The store opened for one short write beside a running server (DESIGN §9.6): keys and secrets only, never sessions, runs or events.
enum AdminStore {
    static func use(_ context: CommandContext, _ work: (KeyStore) async throws -> ExitCode) async throws -> ExitCode {
        try await visit(try NodeSettings.local(context)) { try await work(KeyStore(database: $0, clock: SystemClock())) }
    }

    static func useVault(_ context: CommandContext, _ work: (Vault) async throws -> ExitCode) async throws -> ExitCode {
        let settings = try NodeSettings.local(context)
        return try await visit(settings) { database in
            try await work(try await Vault(in: database, source: try settings.masterKeySource(), clock: SystemClock()))
        }
    }

    /// Opens, works, and closes whatever happens.
    static func visit<Value>(_ settings: NodeSettings, _ work: (SQLiteDatabase) async throws -> Value) async throws -> Value {
        let lock = settings.isHeldByAnother ? nil : try StoreLock(folder: settings.storeFolder)
        defer { withExtendedLifetime(lock) {} }
        let database = try SQLiteDatabase(
            path: settings.databasePath,
            configuration: SQLiteConfiguration(mode: lock == nil ? .admin : .owner)
        )
        if lock != nil { try await database.migrate(Migrations.all) }
        do {
            let value = try await work(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}
