import BatutaCore
public import BatutaStorage

/// The statements that append a group of drafts to one session. The counter's row is also the fence: whoever lost the session's lease
/// matches no row and writes nothing (DESIGN §9.2). Numbers follow the count that this node knows, and the commit holds only when the row
/// agrees with it.
struct PreparedAppend: Sendable {
    let batch: WriteBatch
    let at: Timestamp
    let ends: BranchEnds
    let after: Int64
    let events: [LoggedEvent]
    let messages: [Message]
    let summaries: [NewSummary]
    private let sessionID: SessionID
    /// The statement that counts; nil when the session's own row is made with the count.
    private let counter: Int?

    /// What an append starts from.
    struct Start {
        var session: SessionID
        /// nil: only input events, which need no lease.
        var fence: Int64?
        /// Other nodes write to the store as well.
        var isShared = false
        var after: Int64
        var at: Timestamp
        var ends: BranchEnds
    }

    init(_ waiting: [ChannelStateMachine.Waiting], from start: Start, blobs: BlobStore?) {
        sessionID = start.session
        at = start.at
        after = start.after
        let messages = PlacedMessages(waiting, from: start)
        ends = messages.ends
        self.messages = messages.placed.map { $0.message(at: start.at) }
        var summaries: [NewSummary] = []
        let rows = EventRows(messages.events, in: start.session, after: start.after, at: start.at)
        events = rows.logged
        var batch = WriteBatch(order: start.session.rawValue)
        var title: String?
        var session: Session?
        for entry in waiting {
            if let branch = entry.draft.branch { batch.add(Self.expectation(of: branch, start)) }
            for projection in entry.draft.prelude { batch.add(projection) }
            for blob in entry.draft.blobs { _ = blobs?.put(blob, owner: start.session.rawValue, into: &batch) }
            for file in entry.draft.files { file.add(to: &batch, blobs) }
            summaries += entry.draft.summaries
            title = title ?? entry.draft.title
            session = session ?? entry.draft.session
        }
        let leaf = ends.leaf == start.ends.leaf ? nil : ends.leaf
        if let session {
            batch.add(Self.opening(session, events.count, from: start, leaf: leaf, title: title))
            counter = nil
        } else {
            counter = Self.count(events.count, from: start, leaf: leaf, title: title, places: !messages.placed.isEmpty, in: &batch)
        }
        for row in rows.rows { Self.add(row, start, to: &batch) }
        for message in messages.placed { batch.add(message.row(in: start.session, at: start.at)) }
        for summary in summaries { batch.add(summary.row(in: start.session)) }
        self.summaries = summaries
        for entry in waiting {
            for projection in entry.draft.projections { batch.add(projection) }
            for addition in entry.draft.additions { addition(&batch) }
            for hook in entry.draft.commitHooks { batch.afterCommit(hook) }
        }
        if start.isShared, waiting.contains(where: \.draft.isInput) {
            batch.add(LeaseStatements.wish, [.int(start.at.milliseconds), .text(start.session.rawValue)])
        }
        for (run, end) in messages.movedRuns { batch.add(Self.branchEnd, [.optional(end?.rawValue), .text(run.rawValue)]) }
        self.batch = batch
    }

    /// Lets a change of branch pass only while the conversation ends where it did when the change was made.
    private static func expectation(of branch: BranchChange, _ start: Start) -> Projection {
        Projection(endsAt, [.text(start.session.rawValue), .text(branch.expected?.rawValue ?? "")], expecting: 1)
    }

    private static let endsAt = PreparedSQL(
        "UPDATE sessions SET leaf = leaf WHERE tenant_id = 'default' AND id = ? AND COALESCE(leaf, '') = ?"
    )
    private static let branchEnd = PreparedSQL("UPDATE runs SET branch_end = ? WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL")

    /// The row of a new session, as it is after its first events. A second session of the same name cannot be made.
    private static func opening(_ session: Session, _ events: Int, from start: Start, leaf: MessageID?, title: String?) -> Projection {
        var session = session
        session.lastEvent = start.after + Int64(events)
        session.updatedAt = start.at
        session.leaf = leaf
        session.title = session.title ?? title
        return SessionStore.insertion(of: session)
    }

    /// - Parameter places: Messages are placed where the conversation ends, as far as this node knows: another one may have switched the branch.
    private static func count(
        _ events: Int,
        from start: Start,
        leaf: MessageID?,
        title: String?,
        places: Bool,
        in batch: inout WriteBatch
    ) -> Int {
        let last = start.after + Int64(events), isGuarded = start.isShared && places
        var binds: [Bind] = [.int(last), .int(start.at.milliseconds)]
        if isGuarded || leaf != nil || title != nil { binds += [.optional(leaf?.rawValue), .optional(title)] }
        binds += [.text(start.session.rawValue), .optional(start.fence), .int(start.after)]
        guard isGuarded else { return batch.add(binds.count == 5 ? count : countAndName, binds, expecting: 1) }
        return batch.add(countAtEnd, binds + [.text(start.ends.leaf?.rawValue ?? "")], expecting: 1)
    }

    private static let count = PreparedSQL(
        """
        UPDATE sessions SET last_event = ?, updated_at = ? WHERE tenant_id = 'default' AND id = ? AND fence = COALESCE(?, fence) AND last_event = ?
        """
    )
    private static let countAndName = PreparedSQL(
        """
        UPDATE sessions SET last_event = ?, updated_at = ?, leaf = COALESCE(?, leaf), title = COALESCE(title, ?)
        WHERE tenant_id = 'default' AND id = ? AND fence = COALESCE(?, fence) AND last_event = ?
        """
    )
    private static let countAtEnd = PreparedSQL(
        """
        UPDATE sessions SET last_event = ?, updated_at = ?, leaf = COALESCE(?, leaf), title = COALESCE(title, ?)
        WHERE tenant_id = 'default' AND id = ? AND fence = COALESCE(?, fence) AND last_event = ? AND COALESCE(leaf, '') = ?
        """
    )
    private static let insertRow = PreparedSQL(
        """
        INSERT INTO events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
        VALUES ('default', ?, ?, ?, ?, ?, ?, 0, ?)
        """
    )
    private static func add(_ row: EventRow, _ start: Start, to batch: inout WriteBatch) {
        batch.add(
            insertRow,
            [
                .text(start.session.rawValue), .int(row.last), .optional(row.runID?.rawValue), .text(row.type), .int(row.version),
                .int(start.at.milliseconds), .blob(row.payload),
            ]
        )
    }

    /// What became of the append.
    enum Outcome {
        case committed
        /// The row of the session is not as this node knows it: gone, another node's, or it counts otherwise.
        case disagreement
        case failed(RunsError)
    }

    func read(_ result: Result<BatchOutcome, StorageError>) -> Outcome {
        switch result {
        case .failure(let error): .failed(.storage(error))
        case .success(.guardFailed(let statement)) where statement == counter: .disagreement
        case .success(.guardFailed): .failed(RunsError(.conflict, Words("Somebody else changed it first.", "Alguém mudou isso antes.")))
        case .success(.committed): .committed
        }
    }

    /// The number of the last event.
    var last: Int64 { after + Int64(events.count) }
}

extension Bind {
    static func optional(_ text: String?) -> Bind { text.map(Bind.text) ?? .null }
    static func optional(_ number: Int64?) -> Bind { number.map(Bind.int) ?? .null }
}

extension WriteBatch {
    /// Adds a row that another part wants in the same commit.
    public mutating func add(_ projection: Projection) {
        _ = add(projection.statement, projection.binds, expecting: projection.expectedRows)
    }
}
