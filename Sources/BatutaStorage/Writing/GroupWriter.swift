/// What a group writer writes to. Used on the writer's thread only, and may block there.
protocol WritingEnd: AnyObject {
    associatedtype Connection

    /// One outcome per batch, in the same order. Whatever `committed` says is on disk.
    func apply(_ batches: [WriteBatch]) -> [Result<BatchOutcome, StorageError>]

    /// The connection that writes, opened anew when it was lost.
    func usableConnection() throws(StorageError) -> Connection

    /// After a commit, when the waiting were told.
    func rest()

    /// Lets go of the connection: nothing comes after this.
    func end()
}

/// The one thread that writes. It takes whatever waits, commits it as one group, tells the waiting, and takes again: while the disk works, the next group gathers.
// SAFETY: `end` and `group` are touched only by the writer's thread; everything else is thread-safe.
final class GroupWriter<End: WritingEnd>: @unchecked Sendable {
    typealias Completion = @Sendable (Result<BatchOutcome, StorageError>) -> Void

    enum Work: Sendable {
        case batch(WriteBatch, Completion)
        /// Something that needs the writing connection to itself. Gets an error when the store cannot be opened again.
        case exclusive(@Sendable (Result<End.Connection, StorageError>) -> Void)
    }

    private let mailbox: Mailbox<Work>
    private let end: End
    let counters: WriterCounters
    private var group: [(batch: WriteBatch, completion: Completion)] = []

    init(_ end: End, counters: WriterCounters, maximumWaitingBatches: Int, maximumWaitingBytes: Int) {
        self.end = end
        self.counters = counters
        mailbox = Mailbox(maximumCount: maximumWaitingBatches, maximumWeight: maximumWaitingBytes)
    }

    func submit(_ batch: WriteBatch, _ completion: @escaping Completion) {
        switch mailbox.put(.batch(batch, completion), weight: batch.weight) {
        case .accepted: break
        case .closed: completion(.failure(.databaseClosed))
        case .full: completion(.failure(StorageError(.overloaded, "too many writes wait for the disk; try again in a moment")))
        }
    }

    func submitExclusive(_ body: @escaping @Sendable (Result<End.Connection, StorageError>) -> Void) {
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
                    body(Result { () throws(StorageError) in try end.usableConnection() })
                }
            }
            taken.removeAll(keepingCapacity: true)
            commitGroup()
            counters.noteThreadTime()
        }
        end.end()
    }

    private func commitGroup() {
        guard !group.isEmpty else { return }
        defer { group.removeAll(keepingCapacity: true) }
        sortGroup()
        counters.beginGroup()
        let outcomes = end.apply(group.map(\.batch))
        counters.note(group: group.count)
        counters.note(outcomes)
        for (member, outcome) in zip(group, outcomes) {
            if case .success(.committed) = outcome { for hook in member.batch.commitHooks { hook() } }
            member.completion(outcome)
        }
        end.rest()
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
