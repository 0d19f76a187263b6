public import BatutaCore

/// A run as its row tells it: what lists and status pages show.
public struct Run: Sendable, Hashable {
    public var id: RunID
    public var sessionID: SessionID
    public var rootRunID: RunID
    public var parentRunID: RunID?
    public var owner: String
    public var target: String
    public var agent: String
    public var status: RunStatus
    public var projectHash: String
    public var isRehearsal: Bool
    /// Values of prompt variables that came with the message.
    public var variables: JSON
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var usage: ModelUsage
    /// Billionths of a US dollar; nil when nobody knows a price, or nothing was asked yet.
    public var costNanoUSD: Int64?
    /// Part of the cost is supposed: somebody did not tell what a call took.
    public var isEstimated = false
    public var output: String?
    /// `{code, message}`.
    public var error: JSON?
    /// What it does otherwise than its agent: `{instructions?, model?}`; only of forks.
    public var changes: JSON?
    /// The schedule that began it, or the run above it.
    public var schedule: String?
    /// What its conversation is called; known where the row was read.
    public var sessionTitle: String?
    /// The first 200 characters of the message that it answers; known where the row was read for a reader.
    public var input: String?
    /// What people call its owner; known where a reader asked for it.
    public var ownerName: String?
    /// Known only on the node that accepted it: nothing was said in the session before this run.
    public var isFirstOfSession = false

    public init(
        id: RunID,
        sessionID: SessionID,
        owner: String,
        target: String,
        agent: String,
        status: RunStatus = .queued,
        projectHash: String,
        isRehearsal: Bool,
        variables: JSON = [:],
        createdAt: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        rootRunID = id
        self.owner = owner
        self.target = target
        self.agent = agent
        self.status = status
        self.projectHash = projectHash
        self.isRehearsal = isRehearsal
        self.variables = variables
        self.createdAt = createdAt
        usage = ModelUsage()
    }

    /// The object of API §5.
    public var json: JSON {
        var object: JSONObject = [
            "id": .string(id.rawValue), "session_id": .string(sessionID.rawValue),
            "session_title": sessionTitle.map(JSON.string) ?? .null,
            "parent_run_id": parentRunID.map { .string($0.rawValue) } ?? .null, "root_run_id": .string(rootRunID.rawValue),
            "owner": .string(owner), "owner_name": ownerName.map(JSON.string) ?? .null, "target": .string(target), "agent": .string(agent),
            "input": input.map(JSON.string) ?? .null, "status": .string(status.rawValue),
            "created_at": .string(createdAt.rfc3339), "started_at": startedAt.map { .string($0.rfc3339) } ?? .null,
            "ended_at": endedAt.map { .string($0.rfc3339) } ?? .null, "usage": usage.json,
            "cost_usd": (isRehearsal ? 0 : costNanoUSD).map { .number(NanoUSD.number($0)) } ?? .null,
        ]
        if isEstimated { object["estimated"] = true }
        if isRehearsal { object["rehearsal"] = true }
        object["output"] = output.map(JSON.string)
        object["error"] = error
        object["changes"] = changes
        object["schedule"] = schedule.map(JSON.string)
        return .object(object)
    }
}
