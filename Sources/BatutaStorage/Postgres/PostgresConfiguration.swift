public import BatutaCore

/// How a PostgreSQL store is reached.
public struct PostgresConfiguration: Sendable {
    /// A connection URL as libpq takes it (PostgreSQL, "Connection URIs"): TCP or unix sockets, `sslmode`, `channel_binding`, `connect_timeout`, several hosts.
    /// It may hold a password, so it is never printed.
    public var url: String
    /// Reading connections that stay open when nothing is to be done.
    public var minimumReaders: Int
    /// Reading connections at most. Four keep two processor cores of a server busy; the rest is for slow networks.
    public var maximumReaders: Int
    /// How long a reading connection above the minimum stays idle before it is closed.
    public var idleTimeout: Duration
    /// How long connecting may take, unless the URL has a `connect_timeout`.
    public var connectTimeout: Duration
    /// How long one statement may take on the server; the group's other members are not harmed.
    public var statementTimeout: Duration
    /// How long a statement waits for another transaction's lock.
    public var lockTimeout: Duration
    /// How long the server keeps a transaction whose node says nothing more. A node that stands still within one holds the rows of its sessions:
    /// they must be free long before its lease is over (30 s). The node itself is silent for less than a millisecond.
    public var silenceTimeout: Duration
    /// How long work waits for a server that went away before it fails with `unavailable`. A restart takes two to five seconds.
    public var patience: Duration
    /// The URL leads to a pooler that hands out server processes per transaction: nothing is kept in them, neither compiled statements nor settings.
    public var isPooled: Bool
    /// Batches that may wait.
    public var maximumWaitingBatches: Int
    /// Bytes of values that may wait; bounds the memory that a slow server can cost.
    public var maximumWaitingBytes: Int
    /// Reads that may wait.
    public var maximumWaitingReads: Int
    /// Where the time in `schema_migrations` comes from.
    public var clock: any ProjectClock

    public init(
        url: String,
        minimumReaders: Int = 1,
        maximumReaders: Int = 8,
        isPooled: Bool = false,
        statementTimeout: Duration = .seconds(30),
        patience: Duration = .seconds(10),
        clock: any ProjectClock = SystemClock()
    ) {
        self.url = url
        self.minimumReaders = max(1, minimumReaders)
        self.maximumReaders = max(self.minimumReaders, maximumReaders)
        self.isPooled = isPooled
        self.statementTimeout = statementTimeout
        self.patience = patience
        self.clock = clock
        idleTimeout = .seconds(60)
        connectTimeout = .seconds(5)
        lockTimeout = .seconds(5)
        silenceTimeout = .seconds(5)
        maximumWaitingBatches = 8_192
        maximumWaitingBytes = 64 << 20
        maximumWaitingReads = 4_096
    }

    /// What the server is told: once per connection, or in each transaction when it is pooled.
    /// A commit that was answered is on disk, whatever the server's own default is.
    var settings: SQL {
        let (statement, lock) = ("\(statementTimeout.inMilliseconds)ms", "\(lockTimeout.inMilliseconds)ms")
        let silence = "\(silenceTimeout.inMilliseconds)ms"
        let isLocal: SQL = isPooled ? "true" : "false"
        return """
            SELECT set_config('statement_timeout', \(statement), \(isLocal)), set_config('lock_timeout', \(lock), \(isLocal)),
                set_config('idle_in_transaction_session_timeout', \(silence), \(isLocal)),
                set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                    ELSE current_setting('synchronous_commit') END, \(isLocal))
            """
    }

    /// For a transaction that works through a whole store, with files written or read between its statements.
    static let patientTransaction: SQL = "SELECT set_config('idle_in_transaction_session_timeout', '600s', true)"

    var settingsOfTransaction: SQL? { isPooled ? settings : nil }

    /// How long the client waits for an answer that the server should have given, or refused, long ago.
    var answerTimeout: Duration { statementTimeout + lockTimeout + .seconds(5) }

    /// The address without user, password and options, for messages.
    var place: String {
        guard let scheme = url.firstRange(of: "://") else { return "the database" }
        let rest = url[scheme.upperBound...].prefix { $0 != "?" }
        let host = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest[...]
        return host.isEmpty || host.hasPrefix("/") ? "the database\(host.isEmpty ? "" : " \(host.dropFirst())")" : "the database \(host)"
    }
}
