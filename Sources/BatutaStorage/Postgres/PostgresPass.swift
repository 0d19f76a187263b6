/// One pass over batches within a transaction: their statements go out in as few flights as their values allow, up to the first that fails.
struct PostgresPass {
    /// What became of one batch.
    enum Verdict {
        case done([StatementResult])
        case guardFailed(statement: Int)
        case failed(PostgresFailure)
        /// An earlier one failed.
        case skipped
    }

    private struct Flown {
        let sql: SQL
        /// Which batch it belongs to, and which of its statements it is; nil for what opens the transaction.
        let owner: (place: Int, statement: Int)?
    }

    private let connection: PostgresConnection
    private let batches: [WriteBatch]
    private var flight: [Flown]
    private var results: [[StatementResult]]
    private var failed: (place: Int, verdict: Verdict)?

    init(_ connection: PostgresConnection, _ batches: [WriteBatch], after head: [SQL]) {
        self.connection = connection
        self.batches = batches
        flight = head.map { Flown(sql: $0, owner: nil) }
        results = Array(repeating: [], count: batches.count)
    }

    mutating func run() throws(PostgresConnection.Loss) -> [Verdict] {
        for place in batches.indices {
            for statement in batches[place].members.indices where failed == nil { try add(place, statement) }
        }
        if failed == nil { try land() }
        return results.enumerated().map { place, results in
            guard let failed, place >= failed.place else { return .done(results) }
            return place == failed.place ? failed.verdict : .skipped
        }
    }

    /// A value that an earlier statement returns has to come back first.
    private mutating func add(_ place: Int, _ statement: Int) throws(PostgresConnection.Loss) {
        let sql = batches[place].members[statement].sql
        guard batches[place].needsEarlier(statement) else {
            flight.append(Flown(sql: sql, owner: (place, statement)))
            return
        }
        try land()
        guard failed == nil else { return }
        let binds = sql.binds.compactMap { $0.resolved(results[place]) }
        guard binds.count == sql.binds.count else {
            let words = "a value refers to a statement of the batch that returned no row; guard that one with 'expecting: 1': \(sql.text)"
            failed = (place, .failed(PostgresFailure(misuse: words)))
            return
        }
        flight.append(Flown(sql: SQL(text: sql.text, binds: binds, identity: sql.identity), owner: (place, statement)))
    }

    /// Sends what waits and looks at what came back, in order.
    private mutating func land() throws(PostgresConnection.Loss) {
        let replies = try connection.fly(flight.map(\.sql))
        for (flown, reply) in zip(flight, replies) where failed == nil {
            switch (reply, flown.owner) {
            case (.result(let result), .some(let owner)): note(result.summary, owner.place, owner.statement)
            case (.result, nil): break
            case (.failed(let failure), let owner): failed = (owner?.place ?? 0, .failed(failure))
            case (.skipped, let owner): failed = (owner?.place ?? 0, .skipped)
            }
        }
        flight.removeAll(keepingCapacity: true)
    }

    private mutating func note(_ result: StatementResult, _ place: Int, _ statement: Int) {
        results[place].append(result)
        guard let expected = batches[place].members[statement].expecting, expected != result.guardedRows else { return }
        failed = (place, .guardFailed(statement: statement))
    }
}
