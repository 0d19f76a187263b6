public import BatutaStorage
import Synchronization

/// A store that counts what is read from it.
public final class CountingDatabase: Database {
    private let inner: any Database
    private let count = Atomic<Int>(0)

    public init(_ inner: any Database) { self.inner = inner }

    /// Rows that were read so far.
    public var rowsRead: Int { count.load(ordering: .acquiring) }

    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        inner.submit(batch, completion: completion)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        try await inner.read { connection in try body(CountingConnection(inner: connection) { [self] in note() }) }
    }

    private func note() { count.add(1, ordering: .acquiringAndReleasing) }

    public func migrate(_ sets: [MigrationSet]) async throws { try await inner.migrate(sets) }
    public var writeFailure: StorageError? { inner.writeFailure }
    public func purge() async throws { try await inner.purge() }
    public func close() async { await inner.close() }
}

private struct CountingConnection: ReadConnection {
    let inner: any ReadConnection
    let note: () -> Void

    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        try inner.scan(sql) { row in
            note()
            return try body(row)
        }
    }
}
