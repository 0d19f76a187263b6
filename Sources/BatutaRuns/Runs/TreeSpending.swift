public import BatutaCore
public import BatutaStorage

/// What the other runs of a tree have spent, by their logs: those that a run started, or whose child it is.
public enum TreeSpending {
    /// What each run but one asked itself, together: billionths of a US dollar, calls of unknown fate at their worst.
    public static func spent(_ root: RunID, of session: SessionID, except run: RunID, in database: any Database) async throws -> Int64 {
        try await states(root, of: session, except: run, database).values.reduce(0) { $0 + $1.spent + ($1.reserved ?? 0) }
    }

    /// The same for some runs of the tree, each with everything below it.
    public static func spent(_ root: RunID, of session: SessionID, in runs: Set<RunID>, _ database: any Database) async throws -> Int64 {
        let states = try await states(root, of: session, except: root, database)
        var within = runs
        for run in runs { within.formUnion(try await EventPages(database: database).runs(below: run, session: session)) }
        return states.reduce(0) { $0 + (within.contains($1.key) ? $1.value.spent + ($1.value.reserved ?? 0) : 0) }
    }

    private static func states(_ root: RunID, of session: SessionID, except run: RunID, _ database: any Database) async throws
        -> [RunID: OpenCall]
    {
        let binds: [Bind] = [.text(session.rawValue), .text(root.rawValue), .text(run.rawValue)]
        let events = try await database.read { connection in
            try connection.rows(spending, binds) { EventRow.read($0, session) }.flatMap { $0 }
        }
        var states: [RunID: OpenCall] = [:]
        for event in events {
            guard let id = event.runID else { continue }
            states[id, default: OpenCall()].apply(try event.data())
        }
        return states
    }

    /// The agent of a tree's root; nil when there is no such run.
    public static func agent(of root: RunID, in database: any Database) async throws -> String? {
        try await database.read { try $0.first(agentOfRoot, [.text(root.rawValue)]) { $0.text(0) } }
    }

    /// What one run's log says of money.
    private struct OpenCall {
        var spent: Int64 = 0
        var reserved: Int64?

        mutating func apply(_ data: EventData) {
            switch data {
            case .usage(let event) where !event.isCopy:
                spent += event.costNanoUSD ?? 0
                reserved = nil
            case .step(let step):
                if case .modelAnswer(let note) = step.kind, !note.accepted { reserved = nil }
                reserved = step.reservedNanoUSD ?? reserved
            default: break
            }
        }
    }

    private static let agentOfRoot = PreparedSQL("SELECT agent FROM runs WHERE tenant_id = 'default' AND id = ?")
    /// Most of these events share a row with others (`several`).
    private static let spending = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v FROM runs r
        JOIN events e ON e.tenant_id = r.tenant_id AND e.run_id = r.id
        WHERE r.tenant_id = 'default' AND r.session_id = ? AND r.root_run_id = ? AND r.id <> ?
            AND e.type IN ('usage', 'step', 'several') AND e.type NOT IN ('content', 'reasoning')
        ORDER BY e.seq
        """
    )
}
