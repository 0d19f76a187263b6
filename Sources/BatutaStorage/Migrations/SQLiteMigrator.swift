import BatutaCore

/// Applies a migration plan on the writing connection: all steps in one transaction, or none.
struct SQLiteMigrator {
    let connection: SQLiteConnection
    let clock: any ProjectClock

    func migrate(_ sets: [MigrationSet]) throws(StorageError) {
        try connection.run("BEGIN IMMEDIATE")
        do {
            try connection.run(Self.table)
            for step in try MigrationPlan(sets: sets, applied: applied()).steps { try apply(step) }
            try connection.run("COMMIT")
        } catch {
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }

    private static let table: SQL = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            capability TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, at BIGINT NOT NULL,
            PRIMARY KEY (capability, number))
        """

    private func applied() throws(StorageError) -> [MigrationPlan.Applied] {
        try connection.run("SELECT capability, number, name, checksum FROM schema_migrations").returned.map { row in
            MigrationPlan.Applied(capability: row.text(0), number: Int(row.int(1)), name: row.text(2), checksum: row.text(3))
        }
    }

    private func apply(_ step: MigrationPlan.Step) throws(StorageError) {
        let migration = step.migration
        do {
            for statement in migration.statements where Dialect.sqlite.wants(statement) {
                try connection.run(SQL(text: Dialect.sqlite.migration(statement), binds: []))
            }
        } catch {
            throw error.ofMigration(migration, of: step.capability)
        }
        try connection.run(
            """
            INSERT INTO schema_migrations (capability, number, name, checksum, at)
            VALUES (\(step.capability), \(migration.number), \(migration.name), \(migration.checksum), \(clock.now()))
            """
        )
    }
}
