import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage

/// `batuta restore FILE`: the store of a backup in the place of the one that is there, which goes aside.
struct RestoreCommand: Command {
    static let name = "restore"
    static let synopsis = Words("FILE", "ARQUIVO")
    static let mostWords = 1
    static let summary = Words(
        "puts a backup in the store's place; the old store is kept",
        "põe um backup no lugar do armazenamento; o antigo é guardado"
    )
    static let options: [Option] = [.project, .database]

    func run(_ context: CommandContext) async throws -> ExitCode {
        guard let file = context.arguments.positionals.first else { throw Self.wrongUsage(context) }
        let settings = try NodeSettings.existing(context)
        if settings.isHeldByAnother { throw CommandFailure.failed(context.say(Self.held(settings))) }
        let lock = try StoreLock(folder: settings.storeFolder)
        let restore = try StoreRestore(lock, databasePath: settings.storeFile)
        let manifest = try await restore.unpack(file)
        let restored: RestoredStore, aside: String?
        do {
            restored = try await RestoredStore.renew(restore.databasePath, manifest, settings)
            aside = try await putInPlace(restore, settings)
        } catch {
            await restore.abandon()
            throw error
        }
        for words in restored.report(manifest, aside: aside) { context.output.outLine(context.say(words)) }
        if let problem = restored.vaultProblem { context.output.errorLine(StorageWords.text(problem, context.language)) }
        return .done
    }

    /// - Returns: Where the old store is, if there was one. On a server there is none: only an empty database is filled.
    private func putInPlace(_ restore: StoreRestore, _ settings: NodeSettings) async throws -> String? {
        guard case .postgres(let url) = settings.store else { return try await restore.putInPlace(at: SystemClock().now()) }
        let database = try PostgresDatabase(PostgresConfiguration(url: url, isPooled: StorePlace.leadsToPooler(url)))
        do {
            try await restore.putInPlace(in: database, migrations: Migrations.all)
            await database.close()
            return nil
        } catch {
            await database.close()
            throw error
        }
    }

    private static func held(_ settings: NodeSettings) -> Words {
        let process = StoreLock.holder(folder: settings.storeFolder).map { " (pid \($0))" } ?? ""
        return Words(
            "A server or a command works on this store\(process). Stop it first: a restore puts another store in its place.",
            "Um servidor ou comando está usando este armazenamento\(process). Pare-o antes: a restauração põe outro no lugar."
        )
    }
}

/// The tables of a backup made fit for this program and for the time after the restore, before they are put in place.
struct RestoredStore: Sendable {
    private var sessions = 0
    private var messages = 0
    private var runs = 0
    private var people = 0
    private var secrets = 0
    private var settled = RestoredRuns.Report()
    private(set) var vaultProblem: StorageError?

    static func renew(_ path: String, _ manifest: BackupManifest, _ settings: NodeSettings) async throws -> RestoredStore {
        let database = try SQLiteDatabase(path: path)
        do {
            let restored = try await renew(database, manifest, settings)
            await database.close()
            return restored
        } catch {
            await database.close()
            throw error
        }
    }

    private static func renew(_ database: SQLiteDatabase, _ manifest: BackupManifest, _ settings: NodeSettings) async throws
        -> RestoredStore
    {
        try await database.migrate(Migrations.all)
        let clock = try await StoredClock.start(in: database)
        var restored = try await counted(in: database)
        var known: [String]?
        do {
            known = try await Vault(in: database, source: try settings.masterKeySource(), clock: clock).values
        } catch let error as StorageError {
            restored.vaultProblem = error
        }
        try await LogEpoch.begin(in: database, backupOf: manifest.takenAt, at: clock.now())
        try await ScheduleStore.forget(backupOf: manifest.takenAt, at: clock.now(), in: database)
        restored.settled = try await RestoredRuns(in: database, clock: clock, secrets: known).settle(backupOf: manifest.takenAt)
        return restored
    }

    private static func counted(in database: any Database) async throws -> RestoredStore {
        try await database.read { connection in
            func count(_ query: SQL) throws -> Int { try connection.first(query) { Int($0.int(0)) } ?? 0 }
            var restored = RestoredStore()
            restored.sessions = try count("SELECT COUNT(*) FROM sessions")
            restored.messages = try count("SELECT COUNT(*) FROM messages")
            restored.runs = try count("SELECT COUNT(*) FROM runs")
            restored.people = try count("SELECT COUNT(*) FROM users WHERE email IS NOT NULL")
            restored.secrets = try count("SELECT COUNT(*) FROM vault_secrets")
            return restored
        }
    }

    /// What came back, and what is to be known about it.
    func report(_ manifest: BackupManifest, aside: String?) -> [Words] {
        var lines = [
            Words(
                "The store is as it was at \(manifest.takenAt.rfc3339): ",
                "O armazenamento está como era em \(manifest.takenAt.rfc3339): "
            )
                + Self.counted(sessions, "conversation", "conversations", "conversa", "conversas") + Words(", ", ", ")
                + Self.counted(messages, "message", "messages", "mensagem", "mensagens") + Words(", ", ", ")
                + Self.counted(runs, "run", "runs", "execução", "execuções") + Words(", ", ", ")
                + Self.counted(people, "person", "people", "pessoa", "pessoas") + Words(".", "."),
            Words(
                "People, keys and secrets are as they were then: what was revoked since works again.",
                "Pessoas, chaves e segredos estão como eram então: o que foi revogado depois voltou a valer."
            ),
        ]
        if settled.ended > 0 {
            lines.append(
                Self.counted(
                    settled.ended,
                    "run that was under way has ended",
                    "runs that were under way have ended",
                    "execução que estava em curso terminou",
                    "execuções que estavam em curso terminaram"
                )
                    + Words(
                        " with the error store_restored: what was done after the backup is not known here, and nothing is to be done twice.",
                        " com o erro store_restored: não se sabe aqui o que foi feito depois do backup, e nada deve ser feito duas vezes."
                    )
            )
        }
        if settled.awaitingHuman > 0 {
            lines.append(
                Self.counted(settled.awaitingHuman, "question waits", "questions wait", "pergunta espera", "perguntas esperam")
                    + Words(
                        " for an answer that may have been given after the backup. Look outside before you approve (batuta approvals).",
                        " por uma resposta que pode já ter sido dada depois do backup. Confira lá fora antes de aprovar (batuta approvals)."
                    )
            )
        }
        if !manifest.missingBlobs.isEmpty {
            lines.append(
                Self.counted(
                    manifest.missingBlobs.count,
                    "file was missing",
                    "files were missing",
                    "arquivo já faltava",
                    "arquivos já faltavam"
                ) + Words(" when the backup was written.", " quando o backup foi gravado.")
            )
        }
        if secrets > 0 {
            lines.append(
                Self.counted(secrets, "secret needs", "secrets need", "segredo precisa", "segredos precisam")
                    + Words(
                        " the master key of the store that was backed up; the key is never in a backup.",
                        " da chave mestra do armazenamento de onde veio o backup; a chave nunca vai no backup."
                    )
            )
        }
        if let aside {
            lines.append(
                Words(
                    "The store that was here lies in \(aside). Remove it when you are sure.",
                    "O armazenamento que estava aqui foi para \(aside). Apague quando tiver certeza."
                )
            )
        }
        return lines
    }

    private static func counted(_ count: Int, _ one: String, _ many: String, _ um: String, _ muitos: String) -> Words {
        Words("\(count) \(count == 1 ? one : many)", "\(count) \(count == 1 ? um : muitos)")
    }
}
