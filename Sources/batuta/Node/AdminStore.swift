import BatutaCore
import BatutaServer
import BatutaStorage

/// The store opened for one short write beside a running server (DESIGN §9.6): keys only, never sessions, runs or events.
enum AdminStore {
    static func use(_ context: CommandContext, _ work: (KeyStore) async throws -> ExitCode) async throws -> ExitCode {
        let settings = try NodeSettings.local(context)
        let lock = settings.isHeldByAnother ? nil : try StoreLock(folder: settings.storeFolder)
        defer { withExtendedLifetime(lock) {} }
        let database = try SQLiteDatabase(
            path: settings.databasePath,
            configuration: SQLiteConfiguration(mode: lock == nil ? .admin : .owner)
        )
        if lock != nil { try await database.migrate(Migrations.all) }
        do {
            let exit = try await work(KeyStore(database: database, clock: SystemClock()))
            await database.close()
            return exit
        } catch {
            await database.close()
            throw error
        }
    }
}
