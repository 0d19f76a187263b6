public import BatutaStorage
import Synchronization

/// A store whose reads a test can hold back or refuse, each by the statements that it made.
public final class DisturbedReads: Database {
    private let inner: any Database
    private let fate: @Sendable (String) async throws -> Void

    /// - Parameter fate: What becomes of a read that has looked: it may wait, or throw what the store would.
    public init(_ inner: any Database, fate: @escaping @Sendable (_ statements: String) async throws -> Void) {
        self.inner = inner
        self.fate = fate
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        let statements = Mutex("")
        let value = try await inner.read { connection in
            try body(ToldConnection(inner: connection) { text in statements.withLock { $0 += text + ";" } })
        }
        try await fate(statements.withLock { $0 })
        return value
    }

    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        inner.submit(batch, completion: completion)
    }
    public func migrate(_ sets: [MigrationSet]) async throws { try await inner.migrate(sets) }
    public var writeFailure: StorageError? { inner.writeFailure }
    public func purge() async throws { try await inner.purge() }
    public func close() async { await inner.close() }
}

private struct ToldConnection: ReadConnection {
    let inner: any ReadConnection
    let tell: (String) -> Void

    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        tell(sql.text)
        try inner.scan(sql, body)
    }
}
