/// The embedded store: one SQLite file in WAL mode, one writing thread, a few reading ones.
///
/// Opening blocks for a few milliseconds. Dropping it without `close()` still writes what waits, but nobody learns when that is done.
public final class SQLiteDatabase: Database {
    public let path: String
    private let configuration: SQLiteConfiguration
    private let counters = SQLiteCounters()
    private let log: WriteAheadLog
    private let writer: GroupWriter<SQLiteWritingEnd>
    private let readers: ReaderPool
    private let threads: SQLiteThreads

    /// Opens the file, making it when it is missing; its folder must exist.
    public init(path: String, configuration: SQLiteConfiguration = SQLiteConfiguration()) throws(StorageError) {
        self.path = path
        self.configuration = configuration
        let log = WriteAheadLog(configuration: configuration, counters: counters)
        let writer = GroupWriter(
            try SQLiteWritingEnd(path: path, configuration: configuration, log: log),
            counters: counters.writer,
            maximumWaitingBatches: configuration.maximumWaitingBatches,
            maximumWaitingBytes: configuration.maximumWaitingBytes
        )
        let readers = ReaderPool(configuration: configuration, counters: counters)
        self.log = log
        self.writer = writer
        self.readers = readers
        threads = SQLiteThreads(log: log, writer: writer, readers: readers)
        try threads.start(path: path, configuration: configuration)
    }

    deinit { threads.stop() }

    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        writer.submit(batch, completion)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            readers.submit { connection in
                continuation.resume(with: Result { try connection.get().snapshot(body) })
            }
        }
    }

    public func migrate(_ sets: [MigrationSet]) async throws {
        let clock = configuration.clock
        try await exclusively { connection throws(StorageError) in
            try SQLiteMigrator(connection: connection, clock: clock).migrate(sets)
        }
    }

    public func purge() async throws {
        let log = log
        try await exclusively { connection throws(StorageError) in log.empty(connection) }
    }

    /// Writes a consistent copy of the store to a new file while writing goes on (DESIGN §9.13).
    /// Throws `io` when the file exists or cannot be written. Takes about as long as reading the store once.
    public func backUp(to target: String) async throws(StorageError) {
        let path = path
        var configuration = configuration
        configuration.mode = .admin
        let settings = configuration
        try await WorkerThread.run("batuta-backup") { () throws(StorageError) in
            let connection = try SQLiteConnection(path: path, isReader: false, configuration: settings)
            try connection.run("VACUUM INTO \(target)")
        }
    }

    public func close() async {
        let threads = threads
        try? await WorkerThread.run("batuta-close") { threads.stopAndWait() }
    }

    public var writeFailure: StorageError? { counters.writer.writeFailure }

    /// Numbers for metrics; cheap.
    public var statistics: SQLiteStatistics { counters.snapshot(waiting: writer.waiting) }

    /// Runs `body` between two group commits.
    private func exclusively(_ body: @escaping @Sendable (SQLiteConnection) throws(StorageError) -> Void) async throws(StorageError) {
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            writer.submitExclusive { connection in
                continuation.resume(returning: Result { () throws(StorageError) in try body(try connection.get()) })
            }
        }
        try result.get()
    }
}
