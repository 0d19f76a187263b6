import Synchronization

/// What a SQLite store has done since it was opened, for metrics.
public struct SQLiteStatistics: Sendable, Equatable {
    /// Group commits.
    public let groups: Int
    /// Batches in them.
    public let batches: Int
    /// Batches that wait now.
    public let waitingBatches: Int
    /// CPU time of the writer's thread.
    public let writerCPU: Duration
    /// Pages in the write-ahead log after the last commit; 4 KiB each.
    public let logFrames: Int
    /// Checkpoints made by the second connection and by the writer itself.
    public let checkpoints: Int
    /// Reads that held their transaction longer than 50 ms.
    public let slowReads: Int
}

/// The running numbers behind `SQLiteStatistics`, beside the writer's own.
final class SQLiteCounters: Sendable {
    let writer = WriterCounters()
    let logFrames = Atomic<Int>(0)
    let checkpoints = Atomic<Int>(0)
    let slowReads = Atomic<Int>(0)

    func snapshot(waiting: Int) -> SQLiteStatistics {
        SQLiteStatistics(
            groups: writer.groups,
            batches: writer.batches,
            waitingBatches: waiting,
            writerCPU: writer.threadTime,
            logFrames: logFrames.load(ordering: .relaxed),
            checkpoints: checkpoints.load(ordering: .relaxed),
            slowReads: slowReads.load(ordering: .relaxed)
        )
    }
}
