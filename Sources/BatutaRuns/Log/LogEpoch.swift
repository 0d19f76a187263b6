public import BatutaStorage

/// Times of a store: each restore begins another one (DESIGN §9.21).
///
/// A backup does not know what was written after it, but readers do. So that no number is given twice, a restore leaves a hole: a session's
/// numbers go on from the next multiple of a thousand million, and the order of all commits from the next multiple of a million
/// million. A reader who stands in a hole has seen events that the store has no longer: `log_rewound`.
public enum LogEpoch {
    static let numbers: Int64 = 1_000_000_000
    static let serials: Int64 = 1_000_000_000_000

    /// Begins another time, in a store that was put together from a backup. Leases of the time before count no longer.
    public static func begin(in database: any Database) async throws {
        var batch = WriteBatch(order: "epoch")
        batch.add(
            """
            UPDATE sessions SET epoch = epoch + 1, fence = fence + 1, lease_owner = NULL, lease_until = NULL,
                last_event = (last_event / \(numbers) + 1) * \(numbers)
            """
        )
        batch.add("DELETE FROM events WHERE tenant_id = 'default' AND session_id = '' AND serial < (SELECT MAX(serial) FROM events)")
        batch.add(
            """
            INSERT INTO events (serial, tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
            SELECT (COALESCE(MAX(serial), 0) / \(serials) + 1) * \(serials), 'default', '', (COALESCE(MAX(serial), 0) / \(serials) + 1) * \(serials),
                NULL, 'restored', 1, COALESCE(MAX(at), 0), 0, \([UInt8]("{}".utf8)) FROM events
            """
        )
        _ = try await database.write(batch)
    }
}
