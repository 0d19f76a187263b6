import CSQLite

/// Applies batches in one transaction, each under its own guard.
///
/// Most groups have no failing member, so the group first runs without savepoints (each costs about as much as a row). A member that fails before it changed
/// anything fails alone at once; when one fails after a change, the whole transaction is rolled back and the group runs again with a savepoint per member.
struct GroupCommit {
    typealias Outcome = Result<BatchOutcome, StorageError>

    /// What stopped one pass over the group.
    private enum Interruption: Error {
        /// A member changed rows and then failed: its changes cannot be taken back without a savepoint.
        case needsSavepoints
        case failed(StorageError)
    }

    private static let begin = PreparedSQL("BEGIN IMMEDIATE")
    private static let commit = PreparedSQL("COMMIT")
    private static let rollback = PreparedSQL("ROLLBACK")
    private static let savepoint = PreparedSQL("SAVEPOINT member")
    private static let undo = PreparedSQL("ROLLBACK TO member")
    private static let release = PreparedSQL("RELEASE member")

    let connection: SQLiteConnection

    /// One outcome per batch, in the same order. Whatever `committed` says is on disk.
    func apply(_ batches: [WriteBatch]) -> [Outcome] {
        do {
            do {
                return try transaction(batches, savepoints: false)
            } catch .needsSavepoints {
                return try transaction(batches, savepoints: true)
            }
        } catch .failed(let error) where error.code == .constraint && batches.count > 1 {
            // A rule that is checked at the commit: find out whose it was.
            return batches.flatMap { apply([$0]) }
        } catch .failed(let error) {
            return Array(repeating: .failure(error), count: batches.count)
        } catch {
            return Array(repeating: .failure(StorageError(.misuse, "a group of writes failed twice")), count: batches.count)
        }
    }

    private func transaction(_ batches: [WriteBatch], savepoints: Bool) throws(Interruption) -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(batches.count)
        do {
            try run(Self.begin)
            for batch in batches {
                outcomes.append(savepoints && batch.canLeaveTraces ? try guarded(batch) : try member(batch, canUndo: false))
            }
            try run(Self.commit)
            return outcomes
        } catch {
            if connection.isInTransaction { try? run(Self.rollback) }
            throw error
        }
    }

    /// A member within its own savepoint.
    private func guarded(_ batch: WriteBatch) throws(Interruption) -> Outcome {
        try run(Self.savepoint)
        let outcome = try member(batch, canUndo: true)
        if case .success(.committed) = outcome {} else { try run(Self.undo) }
        try run(Self.release)
        return outcome
    }

    private func member(_ batch: WriteBatch, canUndo: Bool) throws(Interruption) -> Outcome {
        let before = connection.totalChanges
        var results: [StatementResult] = []
        results.reserveCapacity(batch.members.count)
        for (index, member) in batch.members.enumerated() {
            let failure: Outcome
            do {
                let result = try connection.run(member.sql, earlier: results)
                guard let expected = member.expecting, expected != result.guardedRows else {
                    results.append(result)
                    continue
                }
                failure = .success(.guardFailed(statement: index))
            } catch {
                guard error.code.concernsOneStatement, connection.isInTransaction else { throw .failed(error) }
                failure = .failure(error)
            }
            guard canUndo || connection.totalChanges == before else { throw .needsSavepoints }
            return failure
        }
        return .success(.committed(results))
    }

    private func run(_ statement: PreparedSQL) throws(Interruption) {
        do {
            try connection.run(SQL(statement, []))
        } catch {
            throw .failed(error)
        }
    }
}

extension WriteBatch {
    /// Whether it can fail after it changed something.
    fileprivate var canLeaveTraces: Bool { members.count > 1 || members.contains { $0.expecting != nil } }
}
