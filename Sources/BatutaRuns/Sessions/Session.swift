public import BatutaCore

/// A conversation with a target: the scope of a log, of turns and of a lease.
public struct Session: Sendable, Hashable {
    public var id: SessionID
    /// Who owns it: a user or a key (`usr_…`, `key_…`). Another principal's session does not exist for the others.
    public var owner: String
    public var target: String
    public var title: String?
    public var metadata: JSON
    /// Values of prompt variables for all runs of the session.
    public var variables: JSON
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var lastEvent: Int64
    public var leaf: MessageID?
    /// Where it was forked from: `{session_id, run_id, event, changed, changes?}`; nil for nearly all.
    public var forkedFrom: JSON?
    /// What people call its owner; known where a reader asked for it.
    public var ownerName: String?

    public init(
        id: SessionID,
        owner: String,
        target: String,
        title: String? = nil,
        metadata: JSON = [:],
        variables: JSON = [:],
        createdAt: Timestamp,
        updatedAt: Timestamp? = nil,
        lastEvent: Int64 = 0,
        leaf: MessageID? = nil
    ) {
        self.id = id
        self.owner = owner
        self.target = target
        self.title = title
        self.metadata = metadata
        self.variables = variables
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
        self.lastEvent = lastEvent
        self.leaf = leaf
    }

    /// The object of API §5, as lists have it: a fork names what it has otherwise.
    public var json: JSON { json(without: ["open", "changes"]) }

    /// The same with what a fork has otherwise, and what that was.
    public var wholeJSON: JSON { json(without: ["open"]) }

    /// - Parameter hidden: Members of its origin that are not told.
    private func json(without hidden: [String]) -> JSON {
        [
            "id": .string(id.rawValue), "target": .string(target), "title": title.map(JSON.string) ?? .null,
            "created_at": .string(createdAt.rfc3339), "updated_at": .string(updatedAt.rfc3339), "metadata": metadata,
            "last_event": .int(lastEvent), "leaf": leaf.map { .string($0.rawValue) } ?? .null, "owner": .string(owner),
            "owner_name": ownerName.map(JSON.string) ?? .null, "forked_from": origin(without: hidden) ?? .null,
        ]
    }

    private func origin(without hidden: [String]) -> JSON? {
        guard var members = forkedFrom?.object else { return nil }
        for name in hidden { members[name] = nil }
        return .object(members)
    }
}
