public import BatutaCore
public import BatutaStorage

/// Reads approvals.
public struct ApprovalStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// - Parameters:
    ///   - owner: nil sees every approval.
    ///   - role: Sees those that are addressed to it as well.
    public func find(_ id: ApprovalID, owner: String?, role: String? = nil) async throws -> Approval? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT \(raw: Self.columns) FROM approvals
                WHERE tenant_id = 'default' AND id = \(id.rawValue)
                    AND (\(owner) IS NULL OR user_id = \(owner) OR approvers LIKE \(Self.addressed(role)))
                """,
                Self.approval
            )
        }
    }

    /// Newest first. `before` is the cursor: approvals with a smaller identifier.
    public func list(
        owner: String?,
        role: String? = nil,
        state: ApprovalState?,
        before: String? = nil,
        limit: Int
    ) async throws -> [Approval] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM approvals
                WHERE tenant_id = 'default' AND (\(owner) IS NULL OR user_id = \(owner) OR approvers LIKE \(Self.addressed(role)))
                    AND (\(state?.rawValue) IS NULL OR state = \(state?.rawValue)) AND (\(before) IS NULL OR id < \(before))
                ORDER BY id DESC LIMIT \(limit)
                """,
                Self.approval
            )
        }
    }

    /// Roles are words of letters, so their JSON text is a pattern as it is.
    private static func addressed(_ role: String?) -> String? { role.map { "%\"\($0)\"%" } }

    /// Pending approvals whose time is over.
    public func overdue(at now: Timestamp) async throws -> [Approval] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM approvals
                WHERE tenant_id = 'default' AND state = 'requested' AND expires_at <= \(now.milliseconds) ORDER BY expires_at LIMIT 100
                """,
                Self.approval
            )
        }
    }

    private static let columns: StaticString = """
        id, session_id, run_id, call_id, user_id, state, reason, tool, params, warnings, suggested_action, requested_at, expires_at,
        decided_at, decided_by, note, arguments, result, doubts,
        (SELECT agent FROM runs WHERE runs.tenant_id = 'default' AND runs.id = approvals.run_id),
        (SELECT title FROM sessions WHERE sessions.tenant_id = 'default' AND sessions.id = approvals.session_id),
        (SELECT project_hash FROM runs WHERE runs.tenant_id = 'default' AND runs.id = approvals.run_id),
        (SELECT rehearsal FROM runs WHERE runs.tenant_id = 'default' AND runs.id = approvals.run_id),
        facts, approvers
        """

    private static func approval(_ row: Row) -> Approval {
        var approval = Approval(
            id: ApprovalID(trusted: row.text(0)),
            sessionID: SessionID(trusted: row.text(1)),
            runID: RunID(trusted: row.text(2)),
            callID: CallID(trusted: row.text(3)),
            owner: row.text(4),
            state: ApprovalState(rawValue: row.text(5)) ?? .cancelled,
            reason: ApprovalReason(rawValue: row.text(6)) ?? .criticalTool,
            tool: row.text(7),
            params: (try? JSON.parse(row.text(8))) ?? [:],
            warnings: (try? JSON.parse(row.text(9)))?.array?.compactMap(\.string) ?? [],
            suggestedAction: row.optionalText(10),
            requestedAt: Timestamp(milliseconds: row.int(11)),
            expiresAt: Timestamp(milliseconds: row.int(12))
        )
        approval.decidedAt = row.optionalInt(13).map(Timestamp.init(milliseconds:))
        approval.by = row.optionalText(14)
        approval.note = row.optionalText(15)
        approval.arguments = row.optionalText(16).flatMap { try? JSON.parse($0) }
        approval.result = row.optionalText(17).flatMap { try? JSON.parse($0) }
        approval.doubts = row.optionalText(18).flatMap { try? JSON.parse($0) }?.array?.compactMap(UncertainCall.init) ?? []
        approval.agent = row.optionalText(19)
        approval.sessionTitle = row.optionalText(20)
        approval.projectHash = row.optionalText(21)
        approval.isRehearsal = row.optionalInt(22) == 1
        approval.facts = row.optionalText(23).flatMap { try? JSON.parse($0) }?.object ?? [:]
        approval.terms = row.optionalText(24).flatMap { try? JSON.parse($0) }.map(ApprovalTerms.init)
        return approval
    }
}
