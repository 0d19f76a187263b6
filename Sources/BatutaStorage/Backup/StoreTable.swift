/// A table of a store, for copying its rows between databases whose tables the same migrations made.
struct StoreTable {
    let name: String
    /// But for the number of a row's transaction, which counts in one database only: copied rows are of the transaction that copied them.
    let columns: [String]

    /// The tables of a SQLite file, but for those of SQLite itself and that of the migrations.
    static func all(in connection: SQLiteConnection) throws(StorageError) -> [StoreTable] {
        let names = try connection.run(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'schema_migrations' ORDER BY name
            """
        ).returned.map { $0.text(0) }
        var tables: [StoreTable] = []
        for name in names {
            let columns = try connection.run("SELECT name FROM pragma_table_info(\(name)) WHERE name <> 'transaction_id' ORDER BY cid")
                .returned.map { $0.text(0) }
            tables.append(StoreTable(name: name, columns: columns))
        }
        return tables
    }

    var query: SQL { SQL(text: "SELECT \(list) FROM \(quoted(name))", binds: []) }
    var clearing: SQL { SQL(text: "DELETE FROM \(quoted(name))", binds: []) }
    var counting: SQL { SQL(text: "SELECT COUNT(*) FROM \(quoted(name))", binds: []) }

    func insertion(of row: Row) -> SQL {
        let marks = repeatElement("?", count: columns.count).joined(separator: ", ")
        return SQL(
            text: "INSERT INTO \(quoted(name)) (\(list)) VALUES (\(marks))",
            binds: columns.indices.map { row.value($0).bind }
        )
    }

    private var list: String { columns.map(quoted).joined(separator: ", ") }

    /// Names come from the migrations, in lower case; some are words of SQL.
    private func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}

/// What was applied to a store, for comparing two.
enum AppliedMigrations {
    static let query: SQL = "SELECT capability || ' ' || number || ' ' || checksum FROM schema_migrations ORDER BY 1"

    static let differ = StorageError(
        .migration,
        "the tables are not those of this program: bring them up to date first (batuta migrate), or use the version that made them"
    )
}
