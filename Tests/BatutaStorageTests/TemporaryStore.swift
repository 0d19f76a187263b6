import BatutaStorage
import BatutaTesting

extension TemporaryFolder {
    /// The path of its SQLite file.
    var store: String { path + "/store.db" }

    /// Opens it, for what only SQLite can do.
    func open(_ configuration: SQLiteConfiguration = SQLiteConfiguration()) throws -> SQLiteDatabase {
        try SQLiteDatabase(path: store, configuration: configuration)
    }
}

/// A table like the event log's, and the statements that use it.
enum Events {
    static let migrations = MigrationSet(
        capability: "events",
        [
            Migration(
                1,
                "events",
                [
                    "CREATE TABLE sessions (id TEXT PRIMARY KEY, last_event BIGINT NOT NULL, fence BIGINT NOT NULL)",
                    """
                    CREATE TABLE events (session_id TEXT NOT NULL REFERENCES sessions(id), seq BIGINT NOT NULL, payload {bytes} NOT NULL,
                        UNIQUE (session_id, seq))
                    """,
                ]
            )
        ]
    )

    static let take = PreparedSQL("UPDATE sessions SET last_event = last_event + ? WHERE id = ? AND fence = ? RETURNING last_event")
    static let insert = PreparedSQL("INSERT INTO events (session_id, seq, payload) VALUES (?, ?, ?)")

    static func session(_ id: String, fence: Int64 = 1) -> WriteBatch {
        var batch = WriteBatch(order: id)
        batch.add("INSERT INTO sessions (id, last_event, fence) VALUES (\(id), 0, \(fence))")
        return batch
    }

    static func append(_ payloads: [String], to session: String, fence: Int64 = 1) -> WriteBatch {
        var batch = WriteBatch(order: session)
        let counter = batch.add(take, [.integer(payloads.count), .text(session), .int(fence)], expecting: 1)
        for (index, payload) in payloads.enumerated() {
            let number = Bind.returned(statement: counter, plus: Int64(index + 1 - payloads.count))
            batch.add(insert, [.text(session), number, .blob([UInt8](payload.utf8))])
        }
        return batch
    }

    static func all(of session: String, in database: any Database) async throws -> [String] {
        try await database.read {
            try $0.rows("SELECT seq, payload FROM events WHERE session_id = \(session) ORDER BY seq") { "\($0.int(0)) \($0.text(1))" }
        }
    }
}

extension BatchOutcome {
    /// For comparing: the rows affected, or the index of the guard that failed.
    var summary: String {
        switch self {
        case .committed(let results): "committed \(results.map(\.rowsAffected))"
        case .guardFailed(let statement): "guard \(statement)"
        }
    }
}
