import BatutaCore

/// Applies a migration plan on the writing connection: all steps in one transaction, or none. The table of migrations is locked meanwhile, so
/// nodes may start at once: the second waits, then finds nothing to do.
struct PostgresMigrator {
    let connection: PostgresConnection
    let clock: any ProjectClock

    /// Nodes that make the first table at the same moment get in each other's way, in one of these ways.
    private static let races: Set<String> = ["23505", "42P07", "42710"]

    func migrate(_ sets: [MigrationSet]) throws(StorageError) {
        try makeTable()
        _ = try run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        do {
            // A migration may take longer than a statement of every day, and so may waiting for another node's.
            _ = try run("SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '600s', true)")
            _ = try run("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
            for step in try MigrationPlan(sets: sets, applied: applied()).steps { try apply(step) }
            _ = try run("COMMIT")
        } catch {
            if connection.isInTransaction { _ = try? connection.fly(["ROLLBACK"]) }
            throw error
        }
    }

    private func makeTable() throws(StorageError) {
        let statement = SQL(
            text: Dialect.postgres.migration(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    capability TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, at BIGINT NOT NULL,
                    PRIMARY KEY (capability, number))
                """
            ),
            binds: []
        )
        guard case .failed(let failure) = try flown(statement) else { return }
        guard Self.races.contains(failure.state) else { throw failure.error }
        _ = try run(statement)
    }

    private func applied() throws(StorageError) -> [MigrationPlan.Applied] {
        try run("SELECT capability, number, name, checksum FROM schema_migrations").returned.map { row in
            MigrationPlan.Applied(capability: row.text(0), number: Int(row.int(1)), name: row.text(2), checksum: row.text(3))
        }
    }

    private func apply(_ step: MigrationPlan.Step) throws(StorageError) {
        let migration = step.migration
        do {
            for statement in migration.statements where Dialect.postgres.wants(statement) {
                _ = try run(SQL(text: Dialect.postgres.migration(statement), binds: []))
            }
        } catch {
            throw error.ofMigration(migration, of: step.capability)
        }
        _ = try run(
            """
            INSERT INTO schema_migrations (capability, number, name, checksum, at)
            VALUES (\(step.capability), \(migration.number), \(migration.name), \(migration.checksum), \(clock.now()))
            """
        )
    }

    private func run(_ sql: SQL) throws(StorageError) -> StatementResult {
        switch try flown(sql) {
        case .result(let result): return result.summary
        case .failed(let failure): throw failure.error
        case .skipped: throw StorageError(.misuse, "the server skipped '\(sql.text)'")
        }
    }

    private func flown(_ sql: SQL) throws(StorageError) -> PostgresConnection.Reply {
        do {
            return try connection.fly([sql], isKept: false)[0]
        } catch {
            throw error.error
        }
    }
}
