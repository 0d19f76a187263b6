/// A reader's connection within one read transaction, which begins in the flight of its first query.
// SAFETY: used only on its reader's thread, inside the body of one read.
final class PostgresReadConnection: ReadConnection, @unchecked Sendable {
    private static let begin = PreparedSQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    private static let end = PreparedSQL("ROLLBACK")

    private let connector: PostgresConnector
    private var connection: PostgresConnection?
    private var isOpen = false
    /// What broke the connection within the transaction: the moment that it saw cannot be had again.
    private var broken: StorageError?

    init(_ connector: PostgresConnector) { self.connector = connector }

    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        let result = try answer(sql)
        defer { result.clear() }
        let row = Row(cursor: result)
        for place in 0..<result.count {
            result.place = place
            guard try body(row) else { return }
        }
    }

    /// After the body returned: nothing of the transaction stays open.
    func endSnapshot() {
        defer {
            isOpen = false
            broken = nil
        }
        guard isOpen, let open = connection else { return }
        do {
            _ = try open.fly([SQL(Self.end, [])])
        } catch {
            connection = nil
        }
    }

    /// Closes the connection; the next read opens another.
    func letGo() { connection = nil }

    private func answer(_ sql: SQL) throws -> PostgresResult {
        if let broken { throw broken }
        if isOpen { return try taken(try flown([sql])) }
        do {
            return try firstAnswer(sql)
        } catch let failure as PostgresFailure where failure.isStaleStatement {
            letGo()
            isOpen = false
            return try firstAnswer(sql)
        } catch is PostgresConnection.Loss {
            // Nothing was read yet: a server that was restarted since the last read is met here.
            return try firstAnswer(sql)
        }
    }

    private func firstAnswer(_ sql: SQL) throws -> PostgresResult {
        let opening = [SQL(Self.begin, [])] + (connector.configuration.settingsOfTransaction.map { [$0] } ?? [])
        let open = try connection ?? connector.connect()
        connection = open
        do {
            let replies = try open.fly(opening + [sql])
            isOpen = true
            return try taken(replies)
        } catch let loss as PostgresConnection.Loss {
            connection = nil
            throw loss
        }
    }

    private func flown(_ flight: [SQL]) throws -> [PostgresConnection.Reply] {
        guard let connection else { throw StorageError.databaseClosed }
        do {
            return try connection.fly(flight)
        } catch {
            self.connection = nil
            broken = error.error
            throw error.error
        }
    }

    private func taken(_ replies: [PostgresConnection.Reply]) throws -> PostgresResult {
        for reply in replies { if case .failed(let failure) = reply { throw failure } }
        guard case .result(let result) = replies.last else { throw StorageError(.misuse, "the server skipped a query") }
        return result
    }
}
