public import BatutaCore

/// One thing that is known of a user, in the words in which it was remembered.
public struct Fact: Sendable, Hashable {
    public var id: FactID
    /// `usr_…` or `key_…`: whose fact it is. Nobody else's runs ever see it.
    public var owner: String
    /// Agents of one namespace share what they know of a user.
    public var namespace: String
    /// Who remembered it; nil when a person wrote it.
    public var agent: String?
    /// What it is about: a later fact about the same thing takes its place.
    public var about: String?
    public var text: String
    /// The run in which it was remembered.
    public var runID: RunID?
    public var createdAt: Timestamp
    /// When it was last said; of two facts that fit alike the newer one counts more.
    public var updatedAt: Timestamp

    /// Longer ones are refused: a prompt has room for some twenty.
    public static let longest = 1_000
    /// Characters of `about` and `namespace`.
    public static let longestName = 80
    /// What is kept of one user. Somebody with more has to forget something first.
    public static let most = 20_000

    public init(
        id: FactID,
        owner: String,
        namespace: String,
        agent: String? = nil,
        about: String? = nil,
        text: String,
        runID: RunID? = nil,
        createdAt: Timestamp,
        updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.owner = owner
        self.namespace = namespace
        self.agent = agent
        self.about = about
        self.text = text
        self.runID = runID
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }

    /// The object of `/v1/memories`.
    public var json: JSON {
        [
            "id": .string(id.rawValue), "fact": .string(text), "about": about.map(JSON.string) ?? .null,
            "namespace": .string(namespace), "agent": agent.map(JSON.string) ?? .null, "user_id": .string(owner),
            "run_id": runID.map { .string($0.rawValue) } ?? .null, "created_at": .string(createdAt.rfc3339),
            "updated_at": .string(updatedAt.rfc3339),
        ]
    }

    /// Whether anything can be kept of whoever owns rows under this name. Nothing is kept of nobody.
    public static func isKept(of owner: String) -> Bool { owner.hasPrefix(UserID.prefix) || owner.hasPrefix(KeyID.prefix) }
}
