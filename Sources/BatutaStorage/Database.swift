/// The store of one project. SQL given to it is the portable subset of SQLite and PostgreSQL, with `?` for values.
public protocol Database: Sendable {
    /// Hands a batch to the writer and returns at once.
    ///
    /// `completion` runs on the writer's thread after the commit that holds the batch reached the disk, in the order in which the batches were applied. It must be short and must not block.
    /// A submitted batch cannot be cancelled. Fails with `overloaded` (called before `submit` returns) when too much waits.
    func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void)

    /// Runs `body` in one read transaction on a reader thread: all its queries see the same moment.
    ///
    /// `body` may block on the store and nothing else, and should end within 50 ms, since an open read keeps the log of the store from being folded in (DESIGN §9.13). Page long reads.
    /// Throws what `body` throws, or `StorageError`.
    func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T

    /// Brings the tables up to date. Does nothing when they are; refuses with `migration` when they cannot be.
    func migrate(_ sets: [MigrationSet]) async throws

    /// Takes what was deleted or replaced out of the store's files too, as far as the database leaves that to us: SQLite's log holds it until
    /// then. PostgreSQL's own vacuum does the same in its time. Does nothing when readers are in the way; the next call does it then.
    func purge() async throws

    /// Why the store takes no writes: the error of the last one, if none has succeeded since. It learns of better times by the next write only.
    var writeFailure: StorageError? { get }

    /// Finishes what waits, then closes. Later calls of anything else fail with `closed`.
    func close() async
}

extension Database {
    public func purge() async throws {}
    public var writeFailure: StorageError? { nil }

    /// Submits a batch and waits until it is on disk. Cancelling the task does not cancel the write.
    public func write(_ batch: WriteBatch) async throws(StorageError) -> BatchOutcome {
        let result: Result<BatchOutcome, StorageError> = await withCheckedContinuation { continuation in
            submit(batch) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}

/// Queries within one read transaction.
public protocol ReadConnection {
    /// Calls `body` for each row until it returns false.
    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws
}

extension ReadConnection {
    /// Every row, mapped.
    public func rows<T>(_ sql: SQL, _ map: (Row) throws -> T) throws -> [T] {
        var found: [T] = []
        try scan(sql) { row in
            found.append(try map(row))
            return true
        }
        return found
    }

    /// The first row, mapped, or nil.
    public func first<T>(_ sql: SQL, _ map: (Row) throws -> T) throws -> T? {
        var found: T?
        try scan(sql) { row in
            found = try map(row)
            return false
        }
        return found
    }

    /// Calls `body` for each row.
    public func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        try scan(sql) { row in
            try body(row)
            return true
        }
    }

    public func rows<T>(_ prepared: PreparedSQL, _ binds: [Bind], _ map: (Row) throws -> T) throws -> [T] {
        try rows(SQL(prepared, binds), map)
    }

    public func first<T>(_ prepared: PreparedSQL, _ binds: [Bind], _ map: (Row) throws -> T) throws -> T? {
        try first(SQL(prepared, binds), map)
    }
}
