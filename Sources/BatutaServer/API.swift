import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

/// What routes work with.
struct API: Sendable {
    let engine: Engine
    let log: EventLog
    let sessions: SessionStore
    let messages: MessageStore
    let runs: RunStore
    let approvals: ApprovalStore
    let keys: KeyStore
    let users: UserStore
    let signIns: SignInStore
    let passwords: PasswordHasher
    let origins: OriginRule
    let authenticator: Authenticator
    let idempotency: IdempotencyStore
    let streams: OpenStreams
    let clock: any ProjectClock
    let runLimiter: RateLimiter
    let signInLimiter: RateLimiter
    /// Where the server listens, once it does.
    let boundAddress = Locked("")

    var cookie: SessionCookie { SessionCookie(isSecure: origins.publicURL?.isSecure == true) }

    /// The server's address for a link: the one that people see, else the one by which the caller reached it.
    func address(for request: HTTPRequest) -> String {
        if let publicURL = origins.publicURL { return publicURL.origin }
        guard !request.isUnixSocket, let host = request.headers["Host"], PublicURL("http://\(host)") != nil else {
            return boundAddress.value
        }
        return "http://\(host)"
    }

    static func missing(_ kind: String, _ id: String) -> Problem {
        Problem(.notFound, code: "not_found", "There is no \(kind) \(id).")
    }

    /// The session that the path names, if it is the caller's.
    func session(_ call: Call) async throws -> Session {
        try await session(try call.id("id", SessionID.self).rawValue, call)
    }

    /// The session of this name, if it is the caller's.
    func session(_ name: String, _ call: Call) async throws -> Session {
        guard let id = SessionID(name), let session = try await sessions.find(id, owner: call.principal.rowOwner) else {
            throw Self.missing("session", name)
        }
        return session
    }

    /// What the body of a message says.
    struct WantedRun: Sendable {
        var incoming: IncomingMessage
        var target: String?
        var sessionID: String?
        var streams: Bool
        /// Files of the session, by name.
        var attachments: [String]
    }

    static let messageFields = ["content", "variables", "attachments"]

    /// - Parameter call: Whoever sends it.
    func message(_ fields: Fields, from call: Call? = nil) throws -> WantedRun {
        var fields = fields
        let content = MessageContent.read(&fields)
        let variables = fields.object("variables")?.object ?? [:]
        var place = NewMessage.Place.end
        if let parent = fields.string("parent_message_id") {
            if let id = MessageID(parent) {
                place = .after(id)
            } else {
                fields.refuse("parent_message_id", "there is no message \(parent)")
            }
        }
        var incoming = IncomingMessage(content: content, variables: variables, place: place)
        incoming.language = call?.principal.language
        let wanted = WantedRun(
            incoming: incoming,
            target: fields.string("target"),
            sessionID: fields.string("session_id"),
            streams: fields.bool("stream") ?? false,
            attachments: Self.attachments(&fields)
        )
        try fields.check()
        return wanted
    }

    /// Identifiers of files, plain or as objects with a `file_id`.
    private static func attachments(_ fields: inout Fields) -> [String] {
        guard let json = fields.value("attachments"), !json.isNull else { return [] }
        let names = json.array?.map { $0.string ?? $0["file_id"]?.string } ?? [nil]
        if names.contains(nil) || names.count > 32 { fields.refuse("attachments", "must be a list of at most 32 file identifiers") }
        return names.compactMap(\.self)
    }

    /// The message with its files, which must be the session's.
    func incoming(_ wanted: WantedRun, in session: Session?) async throws -> IncomingMessage {
        var incoming = wanted.incoming
        for name in wanted.attachments {
            guard let session, let id = FileID(name), let file = try await engine.files.find(id, owner: nil), file.sessionID == session.id
            else {
                let how = "upload it with POST /v1/sessions/{id}/files first"
                throw Problem(.badRequest, code: "unknown_file", "There is no file \(name) in this session; \(how).", field: "attachments")
            }
            incoming.attachments.append(file.attachment)
        }
        return incoming
    }

    /// Starts a run in the session that is named, or in a new one that is made in the same commit.
    func accept(_ wanted: WantedRun, _ call: Call) async throws -> Acceptance {
        if let run = call.acceptedBefore { return try await acceptance(of: run) }
        try limitRuns(call)
        guard let text = wanted.sessionID else {
            let incoming = try await incoming(wanted, in: nil).claimed(by: self, call.use)
            if case .after = wanted.incoming.place {
                throw Problem(.badRequest, code: "invalid_request", "A new session has no message to answer.", field: "parent_message_id")
            }
            let session = try engine.makeSession(owner: call.principal.id, target: wanted.target)
            return try await engine.accept(incoming, in: session, isNew: true)
        }
        let session = try await session(text, call)
        let incoming = try await incoming(wanted, in: session).claimed(by: self, call.use)
        return try await engine.accept(incoming, in: session, target: wanted.target)
    }

    /// Creating runs is limited per caller; whoever holds the machine is not.
    func limitRuns(_ call: Call) throws {
        guard !call.principal.holdsTheMachine, let wait = runLimiter.take(call.principal.id) else { return }
        throw Problem(
            .tooManyRequests,
            code: "rate_limited",
            "Too many runs; try again in \(wait.components.seconds + 1) s.",
            retryAfter: Int(wait.components.seconds) + 1
        )
    }
}
