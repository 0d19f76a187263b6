import CSQLite
import Glibc
import Synchronization

/// The one thread that writes. It takes whatever waits, commits it as one group, tells the waiting, and takes again: while the disk works, the next group gathers.
// SAFETY: `connection` and `group` are touched only by the writer's thread; everything else is thread-safe.
final class GroupWriter: @unchecked Sendable {
    typealias Completion = @Sendable (Result<BatchOutcome, StorageError>) -> Void

    enum Work: Sendable {
        case batch(WriteBatch, Completion)
        /// Something that needs the writing connection to itself. Gets nil when the store cannot be opened again.
        case exclusive(@Sendable (Result<SQLiteConnection, StorageError>) -> Void)
    }

    private let path: String
    private let configuration: SQLiteConfiguration
    private let mailbox: Mailbox<Work>
    private let log: WriteAheadLog
    let counters: SQLiteCounters
    private var connection: SQLiteConnection?
    private var group: [(batch: WriteBatch, completion: Completion)] = []

    init(path: String, configuration: SQLiteConfiguration, log: WriteAheadLog, counters: SQLiteCounters) throws(StorageError) {
        self.path = path
        self.configuration = configuration
        self.log = log
        self.counters = counters
        mailbox = Mailbox(maximumCount: configuration.maximumWaitingBatches, maximumWeight: configuration.maximumWaitingBytes)
        let connection = try SQLiteConnection(path: path, isReader: false, configuration: configuration)
        log.watch(connection)
        self.connection = connection
    }

    func submit(_ batch: WriteBatch, _ completion: @escaping Completion) {
        switch mailbox.put(.batch(batch, completion), weight: batch.weight) {
        case .accepted: break
        case .closed: completion(.failure(.databaseClosed))
        case .full: completion(.failure(StorageError(.overloaded, "too many writes wait for the disk; try again in a moment")))
        }
    }

    func submitExclusive(_ body: @escaping @Sendable (Result<SQLiteConnection, StorageError>) -> Void) {
        if mailbox.put(.exclusive(body), always: true) != .accepted { body(.failure(.databaseClosed)) }
    }

    /// What waits is still written.
    func close() { mailbox.close() }

    var waiting: Int { mailbox.count }

    /// The thread's life.
    func run() {
        var taken: [Work] = []
        while mailbox.takeAll(into: &taken) {
            for work in taken {
                switch work {
                case .batch(let batch, let completion): group.append((batch, completion))
                case .exclusive(let body):
                    commitGroup()
                    body(Result { () throws(StorageError) in try usableConnection() })
                }
            }
            taken.removeAll(keepingCapacity: true)
            commitGroup()
            counters.noteThreadTime()
        }
        connection = nil
    }

    private func commitGroup() {
        guard !group.isEmpty else { return }
        defer { group.removeAll(keepingCapacity: true) }
        sortGroup()
        let outcomes = outcomes()
        counters.note(group: group.count)
        for (member, outcome) in zip(group, outcomes) {
            if case .success(.committed) = outcome { for hook in member.batch.commitHooks { hook() } }
            member.completion(outcome)
        }
        if let connection { log.afterCommit(connection) }
    }

    private func outcomes() -> [GroupCommit.Outcome] {
        do {
            let outcomes = GroupCommit(connection: try usableConnection()).apply(group.map(\.batch))
            if case .failure(let error) = outcomes.first, error.code == .io || error.code == .corrupt { connection = nil }
            return outcomes
        } catch {
            return Array(repeating: .failure(error), count: group.count)
        }
    }

    /// After an I/O error the connection is opened anew, so that writing goes on as soon as it can.
    private func usableConnection() throws(StorageError) -> SQLiteConnection {
        if let connection { return connection }
        let fresh = try SQLiteConnection(path: path, isReader: false, configuration: configuration)
        log.watch(fresh)
        connection = fresh
        return fresh
    }

    private func sortGroup() {
        guard zip(group, group.dropFirst()).contains(where: { $1.batch.key < $0.batch.key }) else { return }
        let order = group.indices.sorted { left, right in
            group[left].batch.key == group[right].batch.key ? left < right : group[left].batch.key < group[right].batch.key
        }
        group = order.map { group[$0] }
    }
}

extension StorageError {
    static let databaseClosed = StorageError(.closed, "the database is closed: the process is shutting down")
}
