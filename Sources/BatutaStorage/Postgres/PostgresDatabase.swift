import Synchronization

/// A store on a PostgreSQL server, 14 or newer: one writing connection with group commit, a pool of reading ones, each on a thread of its own.
///
/// Making one connects to nothing yet. Every node has its own; what they may not do at the same time is for the caller to say in its statements.
public final class PostgresDatabase: Database {
    private let configuration: PostgresConfiguration
    private let counters = PostgresCounters()
    private let writer: GroupWriter<PostgresWritingEnd>
    private let readers: PostgresReaders
    private let thread: Mutex<WorkerThread?>
    private let closing: Closing

    private final class Closing: Sendable {
        let hasBegun = Atomic<Bool>(false)
    }

    public init(_ configuration: PostgresConfiguration) throws(StorageError) {
        self.configuration = configuration
        let closing = Closing()
        self.closing = closing
        let attempts = PatientAttempts(patience: configuration.patience) { closing.hasBegun.load(ordering: .acquiring) }
        let connector = PostgresConnector(configuration: configuration, attempts: attempts, counters: counters)
        let writer = GroupWriter(
            PostgresWritingEnd(connector),
            counters: counters.writer,
            maximumWaitingBatches: configuration.maximumWaitingBatches,
            maximumWaitingBytes: configuration.maximumWaitingBytes
        )
        self.writer = writer
        readers = PostgresReaders(connector)
        thread = Mutex(try WorkerThread("batuta-write") { writer.run() })
    }

    deinit { stop() }

    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        writer.submit(batch, completion)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            readers.submit { connection in
                continuation.resume(with: Result { try Self.words { try body(try connection.get()) } })
            }
        }
    }

    /// Every error of ours is a `StorageError`; the body's own pass.
    private static func words<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let failure as PostgresFailure {
            throw failure.error
        } catch let loss as PostgresConnection.Loss {
            throw loss.error
        }
    }

    public func migrate(_ sets: [MigrationSet]) async throws {
        let clock = configuration.clock
        try await exclusively { connection throws(StorageError) in
            try PostgresMigrator(connection: connection, clock: clock).migrate(sets)
        }
    }

    /// Puts the rows of a SQLite file into this store, which must hold nothing yet; in one transaction.
    func fill(from path: String, fresh: String) async throws(StorageError) {
        try await exclusively { connection throws(StorageError) in try PostgresImport(connection: connection).fill(from: path, fresh: fresh)
        }
    }

    /// Connects the writer, so that a wrong URL is known at once. Throws `unavailable` when the server does not answer in time.
    public func connect() async throws(StorageError) { try await exclusively { _ throws(StorageError) in } }

    public func close() async {
        stop()
        let readers = readers
        let writing = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let writing else { return }
        await withCheckedContinuation { continuation in
            do {
                try WorkerThread("batuta-close") {
                    readers.waitForEnd()
                    writing.join()
                    continuation.resume()
                }.detach()
            } catch {
                continuation.resume()
            }
        }
    }

    public var writeFailure: StorageError? { counters.writer.writeFailure }

    /// Numbers for metrics; cheap.
    public var statistics: PostgresStatistics { counters.snapshot(waiting: writer.waiting, readers: readers.alive) }

    private func stop() {
        closing.hasBegun.store(true, ordering: .releasing)
        readers.close()
        writer.close()
    }

    /// Runs `body` between two group commits.
    private func exclusively(_ body: @escaping @Sendable (PostgresConnection) throws(StorageError) -> Void) async throws(StorageError) {
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            writer.submitExclusive { connection in
                continuation.resume(returning: Result { () throws(StorageError) in try body(try connection.get()) })
            }
        }
        try result.get()
    }
}

extension PostgresDatabase {
    /// Test seam: runs one statement outside of every transaction, on a connection of its own.
    package static func execute(_ statement: String, _ configuration: PostgresConfiguration) async throws(StorageError) {
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            do throws(StorageError) {
                try WorkerThread("batuta-execute") {
                    continuation.resume(returning: Result { () throws(StorageError) in try executeNow(statement, configuration) })
                }.detach()
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        try result.get()
    }

    private static func executeNow(_ statement: String, _ configuration: PostgresConfiguration) throws(StorageError) {
        let attempts = PatientAttempts(patience: configuration.patience) { false }
        let connector = PostgresConnector(configuration: configuration, attempts: attempts, counters: PostgresCounters())
        let connection = try connector.connect()
        do {
            if case .failed(let failure) = try connection.fly([SQL(text: statement, binds: [])], isKept: false)[0] { throw failure }
        } catch let failure as PostgresFailure {
            throw failure.error
        } catch let loss as PostgresConnection.Loss {
            throw loss.error
        } catch {
            throw StorageError(.misuse, "\(error)")
        }
    }
}
