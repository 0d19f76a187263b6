import BatutaCore
import BatutaStorage
import Glibc

/// `batuta backup FILE`: the store in one file, also while a server works on it.
struct BackupCommand: Command {
    static let name = "backup"
    static let synopsis = Words("FILE", "ARQUIVO")
    static let mostWords = 1
    static let summary = Words(
        "writes the store into one file, also while a server runs",
        "grava o armazenamento num arquivo, mesmo com o servidor no ar"
    )
    static let options: [Option] = [.project, .database]

    func run(_ context: CommandContext) async throws -> ExitCode {
        guard let file = context.arguments.positionals.first else { throw Self.wrongUsage(context) }
        let settings = try NodeSettings.existing(context)
        let folder = file.folder
        guard NodeSettings.isFolder(folder) else { throw CommandFailure.failed(context.say(Self.noPlace(file, folder))) }
        let summary = try await write(file, settings, context)
        context.output.outLine(context.say(Self.written(file, summary)))
        let missing = summary.manifest.missingBlobs
        if !missing.isEmpty { context.output.errorLine(context.say(Self.missing(missing, in: settings))) }
        if let place = try settings.masterKeySource().place() { context.output.errorLine(context.say(Self.keyIsElsewhere(place))) }
        return missing.isEmpty ? .done : .failed
    }

    private func write(_ file: String, _ settings: NodeSettings, _ context: CommandContext) async throws -> StoreBackup.Summary {
        switch settings.store {
        case .sqlite(let path):
            try finishRestore(settings)
            guard access(path, F_OK) == 0 else { throw CommandFailure.failed(context.say(Self.nothing(at: path))) }
            return try await StoreBackup(databasePath: path, program: BatutaVersion.current).write(to: file)
        case .postgres(let url):
            guard access(settings.storeFolder, F_OK) == 0 else {
                throw CommandFailure.failed(context.say(Self.noFolder(settings.storeFolder)))
            }
            let database = try PostgresDatabase(PostgresConfiguration(url: url, isPooled: StorePlace.leadsToPooler(url)))
            let backup = StoreBackup(
                database,
                folder: settings.storeFolder,
                migrations: Migrations.all,
                program: BatutaVersion.current
            )
            do {
                let summary = try await backup.write(to: file)
                await database.close()
                return summary
            } catch {
                await database.close()
                // Only the table that every store has: any other error stays what it is.
                if let failure = error as? StorageError, failure.code == .misuse, failure.cause?.contains("schema_migrations") == true {
                    throw CommandFailure.failed(context.say(Self.noStore))
                }
                throw error
            }
        }
    }

    /// One that was cut short, unless a server has done so already.
    private func finishRestore(_ settings: NodeSettings) throws {
        guard access(settings.storeFolder, F_OK) == 0, !settings.isHeldByAnother else { return }
        _ = try StoreLock(folder: settings.storeFolder)
    }

    private static func noPlace(_ file: String, _ folder: String) -> Words {
        let making = "mkdir -p \(ShellWord.quoted(folder))"
        return Words(
            "There is no folder \(folder) for the backup \(file). Make it first: \(making)",
            "Não existe a pasta \(folder) para a cópia \(file). Crie a pasta antes: \(making)"
        )
    }

    private static func nothing(at path: String) -> Words {
        Words(
            "There is nothing to back up yet: \(path) comes with the first start (batuta serve).",
            "Ainda não há o que copiar: \(path) surge na primeira vez que o servidor sobe (batuta serve)."
        )
    }

    private static func written(_ file: String, _ summary: StoreBackup.Summary) -> Words {
        let size = ByteCount(summary.bytes)
        return Words("\(file) holds the store now (\(size(.english))).", "\(file) agora contém o armazenamento (\(size(.portuguese))).")
    }

    private static func missing(_ names: [String], in settings: NodeSettings) -> Words {
        let list = names.prefix(5).joined(separator: "\n") + (names.count > 5 ? "\n…" : "")
        let what = Words(
            "INCOMPLETE: \(names.count) files that the store names are not in \(settings.storeFolder), so the backup lacks them:\n\(list)",
            "INCOMPLETO: \(names.count) arquivos citados no armazenamento não estão em \(settings.storeFolder), então o backup não os tem:\n\(list)"
        )
        guard settings.store.isShared else { return what }
        return what
            + Words(
                "\nTake it where the folder that all nodes share is (--project DIR).",
                "\nFaça o backup onde está a pasta que todos os nós compartilham (--project PASTA)."
            )
    }

    private static func noFolder(_ folder: String) -> Words {
        Words(
            "There is no \(folder) here, where the store's larger files lie: take the backup where the folder of the nodes is (--project DIR).",
            "Não há \(folder) aqui, onde ficam os arquivos maiores do armazenamento: faça o backup onde está a pasta dos nós (--project PASTA)."
        )
    }

    private static let noStore = Words(
        "The database holds no store yet, or one of another version: it comes with the first start (batuta serve), and batuta migrate brings it up to date.",
        "O banco ainda não tem um armazenamento, ou tem um de outra versão: ele surge na primeira vez que o servidor sobe (batuta serve), e batuta migrate o atualiza."
    )

    private static func keyIsElsewhere(_ place: String) -> Words {
        Words(
            "The vault's master key (\(place)) is not in it. Keep a copy of the key somewhere else: without it nobody opens the secrets.",
            "A chave mestra do cofre (\(place)) não está nele. Guarde uma cópia da chave em outro lugar: sem ela ninguém abre os segredos."
        )
    }
}

/// A size as people say it.
struct ByteCount {
    private let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    func callAsFunction(_ language: Language) -> String {
        var value = Double(bytes), unit = 0
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        guard unit > 0 else { return "\(bytes) bytes" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10)\(language == .portuguese ? "," : ".")\(tenths % 10) \(units[unit])"
    }
}
