import Synchronization

/// Threads with a connection each that serve reads in the order of arrival.
final class ReaderPool: Sendable {
    typealias Work = @Sendable (Result<SQLiteReadConnection, StorageError>) -> Void

    private static let allowed = Duration.milliseconds(50)

    private let mailbox: Mailbox<Work>
    private let counters: SQLiteCounters

    init(configuration: SQLiteConfiguration, counters: SQLiteCounters) {
        mailbox = Mailbox(maximumCount: configuration.maximumWaitingReads)
        self.counters = counters
    }

    func submit(_ work: @escaping Work) {
        switch mailbox.put(work) {
        case .accepted: break
        case .closed: work(.failure(.databaseClosed))
        case .full: work(.failure(StorageError(.overloaded, "too many reads wait; try again in a moment")))
        }
    }

    func close() { mailbox.close() }

    /// The life of one thread.
    func run(_ connection: SQLiteConnection) {
        let reading = SQLiteReadConnection(connection)
        while let work = mailbox.takeOne() {
            let start = ContinuousClock.now
            work(.success(reading))
            if ContinuousClock.now - start > Self.allowed { counters.slowReads.wrappingAdd(1, ordering: .relaxed) }
        }
    }
}

/// A reader's connection within one read transaction.
// SAFETY: used only on its reader's thread, inside the body of one read.
final class SQLiteReadConnection: ReadConnection, @unchecked Sendable {
    private static let begin = PreparedSQL("BEGIN")
    private static let end = PreparedSQL("ROLLBACK")

    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws { try connection.scan(sql, body) }

    /// Runs `body` with everything it reads taken from one moment.
    func snapshot<T>(_ body: (any ReadConnection) throws -> T) throws -> T {
        try connection.run(SQL(Self.begin, []))
        defer { if connection.isInTransaction { _ = try? connection.run(SQL(Self.end, [])) } }
        return try body(self)
    }
}
