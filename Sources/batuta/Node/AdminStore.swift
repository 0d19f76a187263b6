import BatutaCore
import BatutaServer
import BatutaStorage

/// The store opened for one short write beside a running server (DESIGN §9.6): keys, people and secrets, never sessions, runs or events.
struct AdminStore: Sendable {
    let keys: KeyStore
    let users: UserStore
    let signIns: SignInStore

    static func use(_ context: CommandContext, _ work: (AdminStore) async throws -> ExitCode) async throws -> ExitCode {
        try await visit(try NodeSettings.existing(context)) { try await work(AdminStore($0, clock: SystemClock())) }
    }

    static func useVault(_ context: CommandContext, _ work: (Vault) async throws -> ExitCode) async throws -> ExitCode {
        let settings = try NodeSettings.existing(context)
        return try await visit(settings) { database in
            try await work(try await Vault(in: database, source: try settings.masterKeySource(), clock: SystemClock()))
        }
    }

    /// Opens, works, and closes whatever happens.
    static func visit<Value>(_ settings: NodeSettings, _ work: (any Database) async throws -> Value) async throws -> Value {
        let isVisitor = settings.isHeldByAnother
        let lock = isVisitor || settings.store.isShared ? nil : try StoreLock(folder: settings.storeFolder)
        defer { withExtendedLifetime(lock) {} }
        let database = try settings.store.open(asVisitor: isVisitor)
        do {
            if !isVisitor { try await database.migrate(Migrations.all) }
            let value = try await work(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }

    private init(_ database: any Database, clock: any ProjectClock) {
        keys = KeyStore(database: database, clock: clock)
        users = UserStore(database: database, clock: clock)
        signIns = SignInStore(database: database, clock: clock)
    }
}
