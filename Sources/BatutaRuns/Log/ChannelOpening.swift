import BatutaCore
import BatutaStorage

extension ChannelOpening {
    static func read(_ session: SessionID, from database: any Database) async throws(RunsError) -> ChannelOpening {
        let found: ChannelOpening?
        do {
            found = try await database.read { try opening(session, $0) }
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw RunsError(.storage, .storeFailed("\(error)"))
        }
        guard let found else { throw RunsError(.notFound, Words("There is no session \(session).", "Não existe a sessão \(session).")) }
        return found
    }

    private static func opening(_ session: SessionID, _ connection: any ReadConnection) throws -> ChannelOpening? {
        let active = try connection.rows(
            """
            SELECT id FROM runs WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND ended_at IS NULL
                AND status IN ('queued', 'running')
            """
        ) { RunID(trusted: $0.text(0)) }
        let lastAt = try connection.first(
            "SELECT at FROM events WHERE tenant_id = 'default' AND session_id = \(session.rawValue) ORDER BY seq DESC LIMIT 1"
        ) { $0.int(0) }
        let elsewhere = try connection.rows(
            """
            SELECT id, branch_end FROM runs
            WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND ended_at IS NULL AND branch_end IS NOT NULL
            """
        ) { (RunID(trusted: $0.text(0)), MessageID(trusted: $0.text(1))) }
        return try connection.first(
            "SELECT fence, last_event, leaf FROM sessions WHERE tenant_id = 'default' AND id = \(session.rawValue)"
        ) { row in
            var ends = BranchEnds(leaf: row.optionalText(2).map(MessageID.init(trusted:)))
            ends.elsewhere = Dictionary(elsewhere) { first, _ in first }
            return ChannelOpening(
                sessionID: session,
                fence: row.int(0),
                lastEvent: row.int(1),
                lastAt: Timestamp(milliseconds: lastAt ?? 0),
                ends: ends,
                activeRuns: Set(active)
            )
        }
    }
}
