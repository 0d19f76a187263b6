/// Puts the rows of a SQLite file into an empty PostgreSQL store: all of them in one transaction, or none.
struct PostgresImport {
    /// Rows of one flight, and about how many bytes.
    private static let mostRows = 128
    private static let mostBytes = 4 << 20

    let connection: PostgresConnection

    /// - Parameters:
    ///   - path: A file whose tables are those of this program.
    ///   - fresh: A file with nothing in it but what the migrations put there.
    /// - Throws: `not_empty` when the store is not empty, `migration` when its tables are not those of this program.
    func fill(from path: String, fresh: String) throws(StorageError) {
        let configuration = SQLiteConfiguration(mode: .admin)
        let source = try SQLiteConnection(path: path, isReader: true, configuration: configuration)
        let empty = try SQLiteConnection(path: fresh, isReader: true, configuration: configuration)
        let ours = try source.run(AppliedMigrations.query).returned.map { $0.text(0) }
        guard try run(AppliedMigrations.query).returned.map({ $0.text(0) }) == ours else { throw AppliedMigrations.differ }
        try run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        do {
            try run(PostgresConfiguration.patientTransaction)
            try run("SELECT set_config('statement_timeout', '0', true)")
            try run("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
            for table in try StoreTable.all(in: source) {
                try requireEmpty(table, as: empty)
                try run(table.clearing)
                try copy(table, from: source)
            }
            try moveOnSerials()
            try run("COMMIT")
        } catch {
            if connection.isInTransaction { _ = try? connection.fly(["ROLLBACK"]) }
            throw error
        }
    }

    private func requireEmpty(_ table: StoreTable, as fresh: SQLiteConnection) throws(StorageError) {
        let (here, there) = (try run(table.counting).returned.first?.int(0), try fresh.run(table.counting).returned.first?.int(0))
        guard here != there else { return }
        throw StorageError(
            .notEmpty,
            "the database holds a store already (\(table.name) has \(here ?? 0) rows): restore into a new, empty database and give its URL to the server"
        )
    }

    private func copy(_ table: StoreTable, from source: SQLiteConnection) throws(StorageError) {
        var flight: [SQL] = []
        var bytes = 0
        do {
            try source.scan(table.query) { row in
                let insertion = table.insertion(of: row)
                flight.append(insertion)
                bytes += insertion.binds.reduce(0) { $0 + $1.weight }
                guard flight.count >= Self.mostRows || bytes >= Self.mostBytes else { return true }
                try send(flight)
                flight = []
                bytes = 0
                return true
            }
            try send(flight)
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.io, "the tables could not be copied: \(error)")
        }
    }

    /// The next rows get numbers behind those that were copied.
    private func moveOnSerials() throws(StorageError) {
        let columns = try run(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'"
        ).returned.map { ($0.text(0), $0.text(1)) }
        for (table, column) in columns {
            try run(
                SQL(
                    text: """
                        SELECT setval(pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident('\(table)'), '\(column)'),
                            COALESCE((SELECT MAX("\(column)") FROM "\(table)"), 0) + 1, false)
                        """,
                    binds: []
                )
            )
        }
    }

    private func send(_ flight: [SQL]) throws(StorageError) {
        guard !flight.isEmpty else { return }
        let replies: [PostgresConnection.Reply]
        do {
            replies = try connection.fly(flight)
        } catch {
            throw error.error
        }
        for reply in replies { if case .failed(let failure) = reply { throw failure.error } }
    }

    @discardableResult
    private func run(_ sql: SQL) throws(StorageError) -> StatementResult {
        let replies: [PostgresConnection.Reply]
        do {
            replies = try connection.fly([sql], isKept: false)
        } catch {
            throw error.error
        }
        switch replies[0] {
        case .result(let result): return result.summary
        case .failed(let failure): throw failure.error
        case .skipped: throw StorageError(.misuse, "the server skipped '\(sql.text)'")
        }
    }
}
