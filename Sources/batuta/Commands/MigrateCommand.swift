import BatutaCore
import BatutaStorage

/// `batuta migrate`: brings the tables up to date without starting a server, which does it by itself.
struct MigrateCommand: Command {
    static let name = "migrate"
    static let synopsis = Words.none
    static let summary = Words(
        "brings the store's tables up to date; serve does so by itself",
        "atualiza as tabelas do armazenamento; o serve também faz isso sozinho"
    )
    static let options: [Option] = [.project, .database]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let settings = try NodeSettings.existing(context)
        let lock = try settings.lockStore()
        defer { withExtendedLifetime(lock) {} }
        let database = try settings.store.open()
        do {
            let before = try await applied(in: database)
            try await database.migrate(Migrations.all)
            let steps = try await applied(in: database) - before
            await database.close()
            context.output.outLine(context.say(Self.done(steps)))
            return .done
        } catch {
            await database.close()
            throw error
        }
    }

    /// Migrations in the store; none in a new one, which has no table of them.
    private func applied(in database: any Database) async throws -> Int {
        do {
            return try await database.read { try $0.first("SELECT COUNT(*) FROM schema_migrations") { Int($0.int(0)) } ?? 0 }
        } catch let error as StorageError where error.code == .misuse || error.code == .notFound {
            return 0
        }
    }

    private static func done(_ steps: Int) -> Words {
        switch steps {
        case 0: Words("The tables are up to date.", "As tabelas estão em dia.")
        case 1: Words("One step was applied; the tables are up to date.", "Um passo foi aplicado; as tabelas estão em dia.")
        default:
            Words("\(steps) steps were applied; the tables are up to date.", "\(steps) passos foram aplicados; as tabelas estão em dia.")
        }
    }
}
