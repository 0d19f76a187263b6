import CSQLite
import Glibc
import Synchronization

/// Keeps the write-ahead log short (DESIGN §9.13): a second connection folds it into the file while the writer goes on, and the writer itself
/// finishes the fold above 4,000 frames, since only a moment without writes lets the log begin anew.
final class WriteAheadLog: Sendable {
    /// Frames from which the second connection is woken, and after each further so many.
    private static let step = 1_000
    /// Frames from which the writer folds (measured: commit p99 0.62–0.66 ms and a log of 22 MB).
    private static let writerLimit = 4_000
    /// Frames from which the writer waits for readers to end, so that a ceaseless row of overlapping reads cannot make the log grow without end.
    private static let waitingLimit = 12_000
    /// Twice the 50 ms a read may last.
    private static let readersGrace: Int32 = 100

    private let counters: SQLiteCounters
    private let calls = Mailbox<Void>(maximumCount: 1)
    private let nextCall = Atomic<Int>(step)
    private let nextFold = Atomic<Int>(writerLimit)
    private let busyTimeout: Int32

    init(configuration: SQLiteConfiguration, counters: SQLiteCounters) {
        self.counters = counters
        busyTimeout = Int32(clamping: configuration.busyTimeout.inWholeMilliseconds)
    }

    /// Learns the length of the log from each commit of this connection.
    func watch(_ connection: SQLiteConnection) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = sqlite3_wal_hook(
            connection.handle,
            { me, _, _, frames in
                guard let me else { return SQLITE_OK }
                Unmanaged<WriteAheadLog>.fromOpaque(me).takeUnretainedValue().counters.logFrames.store(Int(frames), ordering: .relaxed)
                return SQLITE_OK
            },
            me
        )
    }

    /// On the writer's thread, after the waiting were told.
    func afterCommit(_ connection: SQLiteConnection) {
        let frames = counters.logFrames.load(ordering: .relaxed)
        if frames < Self.step {
            nextCall.store(Self.step, ordering: .relaxed)
            nextFold.store(Self.writerLimit, ordering: .relaxed)
        }
        if frames >= nextFold.load(ordering: .relaxed) {
            let waits = frames >= Self.waitingLimit
            let folded = fold(connection, waitForReaders: waits)
            // While the second connection is at work the writer cannot fold and tries again after the next commit;
            // but a reader that stays for long must not make every commit wait for it.
            if folded || waits { nextFold.store(frames + Self.step / 2, ordering: .relaxed) }
        } else if frames >= nextCall.load(ordering: .relaxed) {
            nextCall.store(frames + Self.step, ordering: .relaxed)
            _ = calls.put(())
        }
    }

    /// Folds the whole log and makes its file empty, unless readers stay for longer than they may. On the writer's thread.
    func empty(_ connection: SQLiteConnection) { _ = fold(connection, SQLITE_CHECKPOINT_TRUNCATE, waitForReaders: true) }

    /// The life of the second connection's thread.
    func run(_ connection: SQLiteConnection) {
        while calls.takeOne() != nil { _ = fold(connection, waitForReaders: false) }
    }

    func close() { calls.close() }

    /// Errors are of no consequence: the log only stays longer, and the commit that suffers from a full disk says so itself.
    private func fold(_ connection: SQLiteConnection, waitForReaders: Bool) -> Bool {
        fold(connection, waitForReaders ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, waitForReaders: waitForReaders)
    }

    private func fold(_ connection: SQLiteConnection, _ mode: Int32, waitForReaders: Bool) -> Bool {
        if waitForReaders { sqlite3_busy_timeout(connection.handle, Self.readersGrace) }
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, nil, nil)
        if waitForReaders { sqlite3_busy_timeout(connection.handle, busyTimeout) }
        counters.checkpoints.wrappingAdd(1, ordering: .relaxed)
        return code == SQLITE_OK
    }
}
