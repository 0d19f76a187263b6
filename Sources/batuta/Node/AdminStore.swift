import BatutaCore
import BatutaServer
import BatutaStorage

/// The store opened for one short write beside a running server (DESIGN §9.6): keys and people only, never sessions, runs or events.
struct AdminStore: Sendable {
    let keys: KeyStore
    let users: UserStore
    let signIns: SignInStore

    static func use(_ context: CommandContext, _ work: (AdminStore) async throws -> ExitCode) async throws -> ExitCode {
        let settings = try NodeSettings.local(context)
        let lock = settings.isHeldByAnother ? nil : try StoreLock(folder: settings.storeFolder)
        defer { withExtendedLifetime(lock) {} }
        let database = try SQLiteDatabase(
            path: settings.databasePath,
            configuration: SQLiteConfiguration(mode: lock == nil ? .admin : .owner)
        )
        if lock != nil { try await database.migrate(Migrations.all) }
        do {
            let exit = try await work(AdminStore(database, clock: SystemClock()))
            await database.close()
            return exit
        } catch {
            await database.close()
            throw error
        }
    }

    private init(_ database: SQLiteDatabase, clock: any ProjectClock) {
        keys = KeyStore(database: database, clock: clock)
        users = UserStore(database: database, clock: clock)
        signIns = SignInStore(database: database, clock: clock)
    }
}
