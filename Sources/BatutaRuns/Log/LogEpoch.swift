public import BatutaCore
public import BatutaStorage

/// Times of a store: each restore begins another one (DESIGN §9.21).
///
/// A backup does not know what was written after it, but readers do. So that no number is given twice, a restore leaves a hole: a session's
/// numbers go on from the next multiple of a thousand million, which is the number of an event `restored`, and the order of all commits from
/// the next multiple of a million million. A reader who stands in a hole has seen events that the store has no longer: `log_rewound`.
public enum LogEpoch {
    static let numbers: Int64 = 1_000_000_000
    static let serials: Int64 = 1_000_000_000_000

    /// Begins another time, in a store that was put together from a backup. Leases of the time before count no longer.
    ///
    /// - Parameter moment: When the backup was taken.
    public static func begin(in database: any Database, backupOf moment: Timestamp, at now: Timestamp) async throws {
        let data: JSON = ["parent_run_id": nil, "agent": nil, "data": ["backup_at": .string(moment.rfc3339)]]
        let type = EventType.restored.rawValue
        var batch = WriteBatch(order: "epoch")
        batch.add(
            """
            UPDATE sessions SET epoch = epoch + 1, fence = fence + 1, lease_owner = NULL, lease_until = NULL,
                last_event = (last_event / \(numbers) + 1) * \(numbers)
            """
        )
        batch.add(
            """
            INSERT INTO events (serial, tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
            SELECT (COALESCE(MAX(serial), 0) / \(serials) + 1) * \(serials), 'default', '', (COALESCE(MAX(serial), 0) / \(serials) + 1) * \(serials),
                NULL, \(type), 1, \(now), 0, \(data.bytes) FROM events
            """
        )
        batch.add(
            """
            INSERT INTO events (serial, tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
            SELECT (SELECT MAX(serial) FROM events) + ROW_NUMBER() OVER (ORDER BY tenant_id, id), tenant_id, id, last_event,
                NULL, \(type), 1, \(now), 0, \(data.bytes) FROM sessions
            """
        )
        batch.add("DELETE FROM events WHERE session_id = '' AND serial < (SELECT MAX(serial) FROM events)")
        _ = try await database.write(batch)
    }
}
