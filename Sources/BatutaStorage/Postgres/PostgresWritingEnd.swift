/// The writing connection of a PostgreSQL store. When the server goes away, work waits for it as long as patience lasts.
final class PostgresWritingEnd: WritingEnd {
    typealias Outcome = Result<BatchOutcome, StorageError>

    /// Transactions that got into each other's way are tried again so often.
    private static let conflicts = 5

    private let connector: PostgresConnector
    private var connection: PostgresConnection?

    init(_ connector: PostgresConnector) { self.connector = connector }

    func apply(_ batches: [WriteBatch]) -> [Outcome] {
        do {
            return try settle(batches)
        } catch  where error.code == .constraint && batches.count > 1 {
            // A rule that is checked at the commit: find out whose it was.
            return batches.flatMap { apply([$0]) }
        } catch {
            return Array(repeating: .failure(error), count: batches.count)
        }
    }

    private func settle(_ batches: [WriteBatch]) throws(StorageError) -> [Outcome] {
        let start = ContinuousClock.now
        var backoff = Backoff()
        var conflicts = 0
        while true {
            do {
                let commit = PostgresGroupCommit(
                    connection: try usableConnection(),
                    settings: connector.configuration.settingsOfTransaction
                )
                return try commit.apply(batches)
            } catch let interruption as PostgresGroupCommit.Interruption {
                let failure = try after(interruption, &conflicts)
                guard connector.attempts.pause(&backoff, since: start) else { throw failure }
            } catch let error as StorageError {
                throw error
            } catch {
                throw StorageError(.misuse, "a group of writes failed: \(error)")
            }
        }
    }

    /// Makes ready for another attempt, or throws when there shall be none. Returns what to say when there is no time for one.
    private func after(_ interruption: PostgresGroupCommit.Interruption, _ conflicts: inout Int) throws(StorageError) -> StorageError {
        switch interruption {
        case .lost(let error):
            connection = nil
            return error
        case .undecided(let error):
            connection = nil
            throw StorageError(
                .io,
                "the connection broke while a commit was under way, so nobody knows whether it is on disk; look before writing again",
                cause: error.cause
            )
        case .again(let failure):
            conflicts += 1
            guard conflicts < Self.conflicts else { throw failure.error }
            if failure.isStaleStatement { connection = nil }
            return failure.error
        case .failed(let error):
            // A server that was the primary and takes no writes any more: the next attempt asks for the address again.
            if error.code == .readOnly || error.code == .corrupt || error.code == .io { connection = nil }
            throw error
        case .needsSavepoints: throw StorageError(.misuse, "a group of writes failed twice")
        }
    }

    func usableConnection() throws(StorageError) -> PostgresConnection {
        if let connection { return connection }
        let fresh = try connector.connect()
        connection = fresh
        return fresh
    }

    func rest() {}

    func end() { connection = nil }
}
