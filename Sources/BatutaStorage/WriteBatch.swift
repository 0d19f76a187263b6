/// Statements that are committed together or not at all (DESIGN §9.1). A value: nothing happens until a `Database` gets it.
///
/// There are no reads between the statements; what has to be true is said with `expecting`, and numbers that only the database knows are passed on with `Bind.returned`.
public struct WriteBatch: Sendable {
    struct Member: Sendable {
        let sql: SQL
        let expecting: Int?
    }

    /// Batches of one group commit are applied in the order of this key; batches of the same key in the order of submission.
    public let key: String
    var members: [Member] = []
    var weight = 0
    /// What is to be done as soon as the batch is on disk, before its submitter knows.
    private(set) var commitHooks: [@Sendable () -> Void] = []

    /// - Parameter key: the session's id, or another word for what the batch changes.
    public init(order key: String) { self.key = key }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }

    /// Adds a statement.
    /// - Parameter rows: how many rows it must affect (or return, when it returns rows). Another number undoes this batch, alone, with `.guardFailed`.
    /// - Returns: the index of the statement, for `Bind.returned` and for the outcome.
    @discardableResult
    public mutating func add(_ sql: SQL, expecting rows: Int? = nil) -> Int {
        for bind in sql.binds { weight &+= bind.weight }
        members.append(Member(sql: sql, expecting: rows))
        return members.count - 1
    }

    /// Adds a prepared statement with one value per question mark.
    @discardableResult
    public mutating func add(_ prepared: PreparedSQL, _ binds: [Bind], expecting rows: Int? = nil) -> Int {
        add(SQL(prepared, binds), expecting: rows)
    }
}

extension WriteBatch {
    /// Whether a value of a statement comes from an earlier one.
    func needsEarlier(_ index: Int) -> Bool {
        members[index].sql.binds.contains { if case .returned = $0 { true } else { false } }
    }

    /// Has something done as soon as the batch is on disk, before its submitter hears of it: on the writer's thread, so it must be short.
    public mutating func afterCommit(_ hook: @escaping @Sendable () -> Void) { commitHooks.append(hook) }
}

/// What a statement of a committed batch did.
public struct StatementResult: Sendable {
    public let rowsAffected: Int
    /// The rows of `RETURNING`; empty without it.
    public let returned: [Row]

    init(rowsAffected: Int, returned: [Row]) {
        self.rowsAffected = rowsAffected
        self.returned = returned
    }

    /// What `expecting` compares with.
    var guardedRows: Int { returned.isEmpty ? rowsAffected : returned.count }
}

/// What became of a batch.
public enum BatchOutcome: Sendable {
    /// On disk, with one result per statement.
    case committed([StatementResult])
    /// Nothing of the batch is in the store: the statement with this index did not affect the expected number of rows.
    case guardFailed(statement: Int)

    /// The results, or nil when a guard failed.
    public var results: [StatementResult]? {
        if case .committed(let results) = self { results } else { nil }
    }
}
