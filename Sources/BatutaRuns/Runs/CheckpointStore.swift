public import BatutaCore
public import BatutaStorage

/// How a run stands by its log: a state, and the number of the last event in it.
public struct FoldedRun: Sendable {
    public var state: RunState
    /// The number of the run's first event, by which runs were accepted.
    public var first: Int64
    /// The number of the last event that the state holds; 0 for none.
    public var last: Int64
    /// There is a checkpoint, which the run's end takes away.
    public var hasCheckpoint = false
    /// Events that were folded after it.
    public var rest = 0
}

/// Folds runs from their logs, long ones from where they were folded to before (DESIGN §9.10).
///
/// A checkpoint is what the committed log says up to a number and nothing else, so it does not matter who writes it, or whether it is lost.
public struct CheckpointStore: Sendable {
    /// A run's own events after which it is worth one.
    public static let interval = 200

    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// - Parameters:
    ///   - agent, limits: What the state is made for.
    public func fold(_ run: RunID, session: SessionID, agent: String, limits: RunLimits) async throws -> FoldedRun {
        let (checkpoint, events) = try await database.read { connection in
            let checkpoint = try Self.checkpoint(of: run, agent: agent, limits: limits, connection)
            return (checkpoint, try EventPages.ofRun(run, session: session, after: checkpoint?.last ?? 0, connection))
        }
        var folded = checkpoint ?? FoldedRun(state: RunState(id: run, agent: agent, limits: limits), first: 0, last: 0)
        for event in events {
            if folded.first == 0 { folded.first = event.number }
            folded.state.apply(try event.data(), at: event.at)
            folded.last = event.number
            folded.rest += 1
        }
        return folded
    }

    /// Folds what has come since the last checkpoint, and writes the next one.
    public func advance(_ run: RunID, session: SessionID, agent: String, limits: RunLimits) async throws {
        let folded = try await fold(run, session: session, agent: agent, limits: limits)
        guard !folded.state.status.isEnded, folded.last > 0 else { return }
        var batch = WriteBatch(order: session.rawValue)
        batch.add(
            Self.write,
            [
                .text(run.rawValue), .text(session.rawValue), .int(folded.first), .int(folded.last),
                .blob(RunCheckpoint.bytes(of: folded.state)), .text(run.rawValue),
            ]
        )
        _ = try await database.write(batch)
    }

    /// A run that has ended needs none any more.
    public static func removal(of run: RunID) -> Projection { Projection(remove, [.text(run.rawValue)]) }

    private static func checkpoint(of run: RunID, agent: String, limits: RunLimits, _ connection: any ReadConnection) throws -> FoldedRun? {
        let row = try connection.first(find, [.text(run.rawValue)]) { (first: $0.int(0), last: $0.int(1), bytes: $0.bytes(2)) }
        guard let row, let state = RunCheckpoint.state(from: row.bytes, id: run, agent: agent, limits: limits) else { return nil }
        return FoldedRun(state: state, first: row.first, last: row.last, hasCheckpoint: true)
    }

    private static let find = PreparedSQL(
        "SELECT first_seq, seq, state FROM run_checkpoints WHERE tenant_id = 'default' AND run_id = ?"
    )
    /// Nothing comes back after the run's end or its session's deletion.
    private static let write = PreparedSQL(
        """
        INSERT INTO run_checkpoints (tenant_id, run_id, session_id, first_seq, seq, state)
        SELECT 'default', CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), ?
        WHERE EXISTS (SELECT 1 FROM runs WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL)
        ON CONFLICT (tenant_id, run_id) DO UPDATE SET seq = excluded.seq, state = excluded.state
            WHERE run_checkpoints.seq < excluded.seq
        """
    )
    private static let remove = PreparedSQL("DELETE FROM run_checkpoints WHERE tenant_id = 'default' AND run_id = ?")
}
