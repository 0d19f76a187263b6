/// Applies batches in one transaction, each under its own guard, in two flights: everything goes out together, and when every guard held, the commit.
///
/// Most groups have no failing member, so the group first runs without savepoints. When a member fails, the transaction is taken back and the group
/// runs again with a savepoint and a flight per member. A connection that breaks before the commit left has written nothing.
struct PostgresGroupCommit {
    typealias Outcome = Result<BatchOutcome, StorageError>

    /// What stopped one pass over the group.
    enum Interruption: Error {
        case needsSavepoints
        /// Nothing was written, and the connection is gone.
        case lost(StorageError)
        /// The commit left and no answer came.
        case undecided(StorageError)
        /// Nothing was written; the same again will do.
        case again(PostgresFailure)
        case failed(StorageError)
    }

    private static let begin = PreparedSQL("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    private static let commit = PreparedSQL("COMMIT")
    private static let rollback = PreparedSQL("ROLLBACK")
    private static let savepoint = PreparedSQL("SAVEPOINT member")
    private static let undo = PreparedSQL("ROLLBACK TO member")
    private static let release = PreparedSQL("RELEASE member")

    let connection: PostgresConnection
    /// What a pooled server process has to be told in each transaction.
    let settings: SQL?

    /// One outcome per batch, in the same order. Whatever `committed` says is on the server's disk.
    func apply(_ batches: [WriteBatch]) throws(Interruption) -> [Outcome] {
        do {
            return try together(batches)
        } catch .needsSavepoints {
            return try separately(batches)
        }
    }

    private var opening: [SQL] { [SQL(Self.begin, [])] + (settings.map { [$0] } ?? []) }

    private func together(_ batches: [WriteBatch]) throws(Interruption) -> [Outcome] {
        let verdicts = try run(batches, after: opening)
        var outcomes: [Outcome] = []
        for verdict in verdicts {
            if case .done(let results) = verdict {
                outcomes.append(.success(.committed(results)))
                continue
            }
            try takeBack()
            let failure = try alone(verdict)
            guard batches.count == 1 else { throw .needsSavepoints }
            return [failure]
        }
        try finish()
        return outcomes
    }

    private func separately(_ batches: [WriteBatch]) throws(Interruption) -> [Outcome] {
        var outcomes: [Outcome] = []
        var head = opening
        for batch in batches {
            let verdict = try run([batch], after: head + [SQL(Self.savepoint, [])])[0]
            if case .done(let results) = verdict {
                outcomes.append(.success(.committed(results)))
                head = [SQL(Self.release, [])]
                continue
            }
            do {
                outcomes.append(try alone(verdict))
            } catch {
                try takeBack()
                throw error
            }
            head = [SQL(Self.undo, []), SQL(Self.release, [])]
        }
        _ = try flown(head)
        try finish()
        return outcomes
    }

    private func run(_ batches: [WriteBatch], after head: [SQL]) throws(Interruption) -> [PostgresPass.Verdict] {
        var pass = PostgresPass(connection, batches, after: head)
        do {
            return try pass.run()
        } catch {
            throw .lost(error.error)
        }
    }

    /// What a member is told that fails without its neighbours.
    private func alone(_ verdict: PostgresPass.Verdict) throws(Interruption) -> Outcome {
        switch verdict {
        case .guardFailed(let statement): return .success(.guardFailed(statement: statement))
        case .failed(let failure) where failure.isConflict || failure.isStaleStatement: throw .again(failure)
        case .failed(let failure) where failure.concernsOneStatement: return .failure(failure.error)
        case .failed(let failure): throw .failed(failure.error)
        case .done, .skipped: throw .failed(StorageError(.misuse, "a write was skipped without a reason"))
        }
    }

    private func finish() throws(Interruption) {
        let reply: PostgresConnection.Reply
        do {
            reply = try connection.fly([SQL(Self.commit, [])])[0]
        } catch {
            throw .undecided(error.error)
        }
        switch reply {
        case .result(let result) where result.tag == "COMMIT": return
        case .failed(let failure) where failure.isConflict: throw .again(failure)
        case .failed(let failure): throw .failed(failure.error)
        case .result, .skipped: throw .failed(StorageError(.misuse, "the server took a group of writes back without a reason"))
        }
    }

    private func takeBack() throws(Interruption) { _ = try flown([SQL(Self.rollback, [])]) }

    private func flown(_ flight: [SQL]) throws(Interruption) -> [PostgresConnection.Reply] {
        do {
            return try connection.fly(flight)
        } catch {
            throw .lost(error.error)
        }
    }
}
