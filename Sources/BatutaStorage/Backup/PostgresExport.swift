/// Copies the tables of a PostgreSQL store into a SQLite file, as they are at one moment.
struct PostgresExport: Sendable {
    /// Rows that are in memory at once; a blob's may have a megabyte.
    private static let page = 64

    let source: PostgresDatabase
    let migrations: [MigrationSet]

    /// - Parameter path: A file that is not there yet.
    /// - Throws: `migration` when the source's tables are not those of this program.
    func copy(to path: String) async throws {
        let empty = try SQLiteDatabase(path: path)
        do {
            try await empty.migrate(migrations)
        } catch {
            await empty.close()
            throw error
        }
        await empty.close()
        try await source.read { reading in
            try reading.scan(PostgresConfiguration.patientTransaction) { _ in true }
            let target = try SQLiteConnection(path: path, isReader: false, configuration: SQLiteConfiguration(mode: .admin))
            let ours = try target.run(AppliedMigrations.query).returned.map { $0.text(0) }
            guard try reading.rows(AppliedMigrations.query, { $0.text(0) }) == ours else { throw AppliedMigrations.differ }
            try target.run("BEGIN")
            for table in try StoreTable.all(in: target) { try Self.copy(table, reading, target) }
            try target.run("COMMIT")
        }
    }

    /// By a cursor of the server, so that a large table is never in memory as a whole.
    private static func copy(_ table: StoreTable, _ source: any ReadConnection, _ target: SQLiteConnection) throws {
        try target.run(table.clearing)
        try source.scan(SQL(text: "DECLARE copied NO SCROLL CURSOR FOR \(table.query.text)", binds: [])) { _ in true }
        var count = page
        while count == page {
            count = 0
            try source.scan(SQL(text: "FETCH FORWARD \(page) FROM copied", binds: [])) { row in
                count += 1
                try target.run(table.insertion(of: row))
                return true
            }
        }
        try source.scan("CLOSE copied") { _ in true }
    }
}
