import BatutaCore
import BatutaStorage

/// The statements that append a group of drafts to one session. The counter's row is also the fence: whoever lost the session's lease
/// matches no row and writes nothing (DESIGN §9.2). Numbers come from RETURNING, never from memory.
struct PreparedAppend: Sendable {
    let batch: WriteBatch
    let at: Timestamp
    let leaf: MessageID?
    let events: [NewEvent]
    private let payloads: [[UInt8]]
    private let sessionID: SessionID
    private let counter: Int

    init(_ waiting: [ChannelStateMachine.Waiting], session: SessionID, fence: Int64, at: Timestamp, leaf: MessageID?, blobs: BlobStore?) {
        sessionID = session
        self.at = at
        events = waiting.flatMap(\.draft.events)
        payloads = events.map(\.payload)
        let messages = waiting.flatMap(\.draft.messages)
        self.leaf = messages.last?.id
        var batch = WriteBatch(order: session.rawValue)
        for projection in waiting.flatMap(\.draft.prelude) { batch.add(projection) }
        let title = waiting.lazy.compactMap(\.draft.title).first
        for blob in waiting.flatMap(\.draft.blobs) { _ = blobs?.put(blob, owner: session.rawValue, into: &batch) }
        counter = batch.add(
            Self.count,
            [
                .int(Int64(events.count)), .int(at.milliseconds), .optional(messages.last?.id.rawValue), .optional(title),
                .text(session.rawValue), .int(fence),
            ],
            expecting: 1
        )
        Self.add(events, payloads, session, at, counter, to: &batch)
        Self.add(messages, session, at, leaf, to: &batch)
        for projection in waiting.flatMap(\.draft.projections) { batch.add(projection) }
        self.batch = batch
    }

    private static let count = PreparedSQL(
        """
        UPDATE sessions SET last_event = last_event + ?, updated_at = ?, leaf = COALESCE(?, leaf), title = COALESCE(title, ?)
        WHERE tenant_id = 'default' AND id = ? AND fence = ? RETURNING last_event
        """
    )
    private static let insertEvent = PreparedSQL(
        """
        INSERT INTO events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
        VALUES ('default', ?, ?, ?, ?, 1, ?, 0, ?)
        """
    )
    private static let insertMessage = PreparedSQL(
        """
        INSERT INTO messages (tenant_id, session_id, id, parent_message_id, run_id, role, content, at, key_id)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, 0)
        """
    )

    private static func add(
        _ events: [NewEvent],
        _ payloads: [[UInt8]],
        _ session: SessionID,
        _ at: Timestamp,
        _ counter: Int,
        to batch: inout WriteBatch
    ) {
        for (index, event) in events.enumerated() {
            batch.add(
                insertEvent,
                [
                    .text(session.rawValue), .returned(statement: counter, plus: Int64(index + 1 - events.count)),
                    .optional(event.runID?.rawValue), .text(event.data.type), .int(at.milliseconds), .blob(payloads[index]),
                ]
            )
        }
    }

    private static func add(_ messages: [NewMessage], _ session: SessionID, _ at: Timestamp, _ leaf: MessageID?, to batch: inout WriteBatch)
    {
        var parent = leaf
        for message in messages {
            batch.add(
                insertMessage,
                [
                    .text(session.rawValue), .text(message.id.rawValue), .optional(parent?.rawValue), .optional(message.runID?.rawValue),
                    .text(message.role.rawValue), .text(message.content), .int(at.milliseconds),
                ]
            )
            parent = message.id
        }
    }

    /// The last number that the commit gave, or why there is none.
    func read(_ result: Result<BatchOutcome, StorageError>) -> Result<Int64, RunsError> {
        switch result {
        case .failure(let error): return .failure(.storage(error))
        case .success(.guardFailed(let statement)) where statement == counter:
            return .failure(RunsError(.leaseLost, "The session \(sessionID) is gone, or another node owns it now."))
        case .success(.guardFailed):
            return .failure(RunsError(.conflict, "Somebody else changed it first."))
        case .success(.committed(let results)):
            guard results.indices.contains(counter), let row = results[counter].returned.first else {
                return .failure(RunsError(.corrupt, "The store returned no number for the events it took."))
            }
            return .success(row.int(0))
        }
    }

    func logged(last: Int64) -> [LoggedEvent] {
        let first = last - Int64(events.count) + 1
        return events.indices.map { index in
            LoggedEvent(
                number: first + Int64(index),
                sessionID: sessionID,
                runID: events[index].runID,
                type: events[index].data.type,
                at: at,
                payload: payloads[index]
            )
        }
    }
}

extension Bind {
    static func optional(_ text: String?) -> Bind { text.map(Bind.text) ?? .null }
    static func optional(_ number: Int64?) -> Bind { number.map(Bind.int) ?? .null }
}

extension WriteBatch {
    mutating func add(_ projection: Projection) {
        _ = add(projection.statement, projection.binds, expecting: projection.expectedRows)
    }
}
