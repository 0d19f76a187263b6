import Synchronization

/// What a PostgreSQL store has done since it was opened, for metrics.
public struct PostgresStatistics: Sendable, Equatable {
    /// Group commits.
    public let groups: Int
    /// Batches in them.
    public let batches: Int
    /// Batches that wait now.
    public let waitingBatches: Int
    /// CPU time of the writer's thread.
    public let writerCPU: Duration
    /// Connections that were made, the first ones included.
    public let connects: Int
    /// Reading threads that there are now; each has a connection from its first read on.
    public let readers: Int
    /// Reads that were begun.
    public let reads: Int
    /// How long reads waited for a connection, all together.
    public let readWait: Duration
    /// How long the unluckiest read waited for one.
    public let longestReadWait: Duration
    /// Reads that held their transaction longer than 50 ms.
    public let slowReads: Int
}

/// The running numbers behind `PostgresStatistics`, beside the writer's own.
final class PostgresCounters: Sendable {
    let writer = WriterCounters()
    let connects = Atomic<Int>(0)
    let slowReads = Atomic<Int>(0)
    private let reads = Atomic<Int>(0)
    private let waited = Atomic<Int>(0)
    private let longest = Atomic<Int>(0)

    func note(wait: Duration) {
        let nanoseconds = Int(clamping: wait.components.seconds) &* 1_000_000_000 &+ Int(wait.components.attoseconds / 1_000_000_000)
        reads.wrappingAdd(1, ordering: .relaxed)
        waited.wrappingAdd(nanoseconds, ordering: .relaxed)
        longest.max(nanoseconds, ordering: .relaxed)
    }

    func snapshot(waiting: Int, readers: Int) -> PostgresStatistics {
        PostgresStatistics(
            groups: writer.groups,
            batches: writer.batches,
            waitingBatches: waiting,
            writerCPU: writer.threadTime,
            connects: connects.load(ordering: .relaxed),
            readers: readers,
            reads: reads.load(ordering: .relaxed),
            readWait: .nanoseconds(waited.load(ordering: .relaxed)),
            longestReadWait: .nanoseconds(longest.load(ordering: .relaxed)),
            slowReads: slowReads.load(ordering: .relaxed)
        )
    }
}

/// Makes connections, patiently.
struct PostgresConnector: Sendable {
    let configuration: PostgresConfiguration
    let attempts: PatientAttempts
    let counters: PostgresCounters

    /// Blocks while the server cannot be reached and patience lasts. What no waiting can cure is thrown at once.
    func connect() throws(StorageError) -> PostgresConnection {
        let start = ContinuousClock.now
        var backoff = Backoff()
        while true {
            do {
                let connection = try PostgresConnection(configuration)
                counters.connects.wrappingAdd(1, ordering: .relaxed)
                return connection
            } catch {
                counters.writer.note(unreachable: error.error)
                guard !error.isRefusal, attempts.pause(&backoff, since: start) else { throw error.error }
            }
        }
    }
}
