public import BatutaCore
public import BatutaStorage

/// What is to be appended to one session's log in one commit: events, and the projections that change with them (DESIGN §9.10).
public struct Draft: Sendable {
    public var events: [NewEvent]
    /// Messages that come with the events of the same names.
    public var messages: [NewMessage]
    /// Becomes the session's title when it has none.
    public var title: String?
    /// The session itself, when these are its first events.
    public var session: Session?
    /// Goes before the events' statements: rows that they need.
    public var prelude: [Projection]
    /// Goes after the events' statements.
    public var projections: [Projection]
    /// Large values that the events refer to; stored in the same commit, owned by the session.
    public var blobs: [PreparedBlob] = []
    /// Files that the events name.
    public var files: [NewFile] = []
    /// Summaries that the events name.
    public var summaries: [NewSummary] = []
    /// What other parts want in the same commit, such as a job that follows from it; done again when the commit is tried again.
    public var additions: [@Sendable (inout WriteBatch) -> Void] = []
    /// An input event, which any node may append (DESIGN §9.2): a message, a request, a decision. Whoever performs the session's runs is to see it.
    public var isInput = false
    /// Done as soon as the draft is on disk, before whoever waits for it knows: on the writer's thread, so they must be short.
    public var commitHooks: [@Sendable () -> Void] = []
    /// The conversation goes on at another place.
    public var branch: BranchChange?

    public init(_ events: [NewEvent] = [], messages: [NewMessage] = [], prelude: [Projection] = [], projections: [Projection] = []) {
        self.events = events
        self.messages = messages
        self.prelude = prelude
        self.projections = projections
    }

    /// Whether a statement of it can refuse: then it is committed by itself and fails alone.
    var isGuarded: Bool { branch != nil || isGuardedOtherwise }

    /// Whether it can be refused for something else than that the conversation went on.
    public var isGuardedOtherwise: Bool {
        prelude.contains { $0.expectedRows != nil } || projections.contains { $0.expectedRows != nil }
    }
}

/// A row of `messages` on its way.
public struct NewMessage: Sendable {
    public var id: MessageID
    public var runID: RunID?
    public var role: MessageEvent.Role
    public var content: String
    public var place: Place
    public var attachments: [Attachment]

    /// What it comes after.
    public enum Place: Sendable, Hashable {
        /// The end of the branch that its run is on.
        case end
        /// A certain message, or none: it begins a branch, which becomes the conversation's current one.
        case after(MessageID?)
    }

    public init(
        id: MessageID,
        runID: RunID?,
        role: MessageEvent.Role,
        content: String,
        place: Place = .end,
        attachments: [Attachment] = []
    ) {
        self.place = place
        self.attachments = attachments
        self.id = id
        self.runID = runID
        self.role = role
        self.content = content
    }
}

/// What a conversation was up to a message, in a few words: where it goes on from there, the words stand for it (DESIGN §9.11).
public struct NewSummary: Sendable, Hashable {
    public var through: MessageID
    /// The blob with the words.
    public var hash: String

    public init(through: MessageID, hash: String) {
        self.through = through
        self.hash = hash
    }

    func row(in session: SessionID) -> Projection {
        Projection(Self.insert, [.text(session.rawValue), .text(through.rawValue), .text(hash)])
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO summaries (tenant_id, session_id, message_id, hash) VALUES ('default', ?, ?, ?)
        ON CONFLICT (tenant_id, session_id, message_id) DO UPDATE SET hash = excluded.hash
        """
    )
}

/// One statement that keeps a table in step with the log.
public struct Projection: Sendable {
    var statement: PreparedSQL
    var binds: [Bind]
    var expectedRows: Int?

    public init(_ statement: PreparedSQL, _ binds: [Bind], expecting rows: Int? = nil) {
        self.statement = statement
        self.binds = binds
        expectedRows = rows
    }
}
