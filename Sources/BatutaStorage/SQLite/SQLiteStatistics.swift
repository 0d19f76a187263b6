import Glibc
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

/// The running numbers behind `SQLiteStatistics`.
final class SQLiteCounters: Sendable {
    private let groups = Atomic<Int>(0)
    private let batches = Atomic<Int>(0)
    private let writerNanoseconds = Atomic<Int>(0)
    let logFrames = Atomic<Int>(0)
    let checkpoints = Atomic<Int>(0)
    let slowReads = Atomic<Int>(0)

    func note(group count: Int) {
        groups.wrappingAdd(1, ordering: .relaxed)
        batches.wrappingAdd(count, ordering: .relaxed)
    }

    /// Called on the writer's thread.
    func noteThreadTime() {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        writerNanoseconds.store(time.tv_sec * 1_000_000_000 + time.tv_nsec, ordering: .relaxed)
    }

    func snapshot(waiting: Int) -> SQLiteStatistics {
        SQLiteStatistics(
            groups: groups.load(ordering: .relaxed),
            batches: batches.load(ordering: .relaxed),
            waitingBatches: waiting,
            writerCPU: .nanoseconds(writerNanoseconds.load(ordering: .relaxed)),
            logFrames: logFrames.load(ordering: .relaxed),
            checkpoints: checkpoints.load(ordering: .relaxed),
            slowReads: slowReads.load(ordering: .relaxed)
        )
    }
}
