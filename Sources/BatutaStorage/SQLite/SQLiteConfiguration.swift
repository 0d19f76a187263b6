public import BatutaCore

/// How a SQLite store is opened.
public struct SQLiteConfiguration: Sendable {
    /// Who opens it.
    public enum Mode: Sendable {
        /// The process that performs runs and holds the `StoreLock`: it also folds the write-ahead log into the file.
        case owner
        /// A short visit of another process (a key, a user, a secret) beside the owner. Never for sessions, runs, events.
        case admin
    }

    public var mode: Mode
    /// Threads that serve `read`. Two keep a long page of history from holding up short reads on a machine with two cores.
    public var readers: Int
    /// How long a write waits for another process's write (DESIGN §9.6).
    public var busyTimeout: Duration
    /// Batches that may wait; at 5 µs a row this is some 50 ms of work.
    public var maximumWaitingBatches: Int
    /// Bytes of values that may wait; bounds the memory that a slow disk can cost.
    public var maximumWaitingBytes: Int
    /// Reads that may wait.
    public var maximumWaitingReads: Int
    /// Where the time in `schema_migrations` comes from.
    public var clock: any ProjectClock
    /// Test seam: the store is full at this many pages.
    package var maximumPages: Int?

    public init(
        mode: Mode = .owner,
        readers: Int = 2,
        busyTimeout: Duration = .seconds(5),
        maximumWaitingBatches: Int = 8_192,
        maximumWaitingBytes: Int = 64 << 20,
        maximumWaitingReads: Int = 4_096,
        clock: any ProjectClock = SystemClock()
    ) {
        self.mode = mode
        self.readers = max(1, readers)
        self.busyTimeout = busyTimeout
        self.maximumWaitingBatches = max(1, maximumWaitingBatches)
        self.maximumWaitingBytes = max(1, maximumWaitingBytes)
        self.maximumWaitingReads = max(1, maximumWaitingReads)
        self.clock = clock
    }

    /// What each connection is told at its start. Checkpoints are ours, never the commit's (DESIGN §9.13).
    func pragmas(isReader: Bool) -> [String] {
        var all = [
            "PRAGMA temp_store = memory",
            "PRAGMA foreign_keys = on",
            // What is deleted is overwritten; most builds of SQLite do so anyway.
            "PRAGMA secure_delete = on",
            "PRAGMA wal_autocheckpoint = 0",
            "PRAGMA cache_size = \(isReader ? -4_096 : -8_192)",
            // SQLite drops the whole mapping at a reader's first look after each commit: mapped, a short read in a store of 100 MB
            // costs ten times what it costs copied; and a disk's error is an error, not a SIGBUS.
            "PRAGMA mmap_size = 0",
        ]
        if isReader { return all + ["PRAGMA query_only = on"] }
        all += ["PRAGMA journal_mode = wal", "PRAGMA synchronous = full", "PRAGMA journal_size_limit = \(32 << 20)"]
        if let maximumPages { all.append("PRAGMA max_page_count = \(maximumPages)") }
        return all
    }
}

extension Duration {
    var inWholeMilliseconds: Int64 { inMilliseconds }
}
