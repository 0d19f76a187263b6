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

    /// What can be asked for by an identifier or a name.
    enum Kind {
        case session, run, approval, message, file, key, user, secret, provider

        fileprivate func isMissing(_ id: String) -> Words {
            switch self {
            case .session: Words("There is no session \(id).", "Não existe a sessão \(id).")
            case .run: Words("There is no run \(id).", "Não existe a execução \(id).")
            case .approval: Words("There is no approval \(id).", "Não existe o pedido de aprovação \(id).")
            case .message: Words("There is no message \(id).", "Não existe a mensagem \(id).")
            case .file: Words("There is no file \(id).", "Não existe o arquivo \(id).")
            case .key: Words("There is no key \(id).", "Não existe a chave \(id).")
            case .user: Words("There is no user \(id).", "Não existe a pessoa \(id).")
            case .secret: Words("There is no secret \(id).", "Não existe o segredo \(id).")
            case .provider: Words("There is no provider \(id).", "Não existe o provedor \(id).")
            }
        }
    }

    static func missing(_ kind: Kind, _ id: String) -> Problem { Problem(.notFound, code: "not_found", kind.isMissing(id)) }

    /// The session that the path names, if it is the caller's.
    func session(_ call: Call) async throws -> Session {
        try await session(try call.id("id", SessionID.self).rawValue, call)
    }

    /// The session of this name, if it is the caller's.
    func session(_ name: String, _ call: Call) async throws -> Session {
        guard let id = SessionID(name), let session = try await sessions.find(id, owner: call.principal.rowOwner) else {
            throw Self.missing(.session, name)
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
                fields.refuse("parent_message_id", Words("there is no message \(parent)", "não existe a mensagem \(parent)"))
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
        if names.contains(nil) || names.count > 32 {
            let words = Words(
                "must be a list of at most 32 file identifiers",
                "precisa ser uma lista de no máximo 32 identificadores de arquivos"
            )
            fields.refuse("attachments", words)
        }
        return names.compactMap(\.self)
    }

    /// The message with its files, which must be the session's.
    func incoming(_ wanted: WantedRun, in session: Session?) async throws -> IncomingMessage {
        var incoming = wanted.incoming
        for name in wanted.attachments {
            guard let session, let id = FileID(name), let file = try await engine.files.find(id, owner: nil), file.sessionID == session.id
            else {
                throw Self.unknownFile(name)
            }
            incoming.attachments.append(file.attachment)
        }
        return incoming
    }

    private static func unknownFile(_ name: String) -> Problem {
        let words = Words(
            "There is no file \(name) in this session; upload it with POST /v1/sessions/{id}/files first.",
            "Não há um arquivo \(name) nesta sessão; envie-o antes com POST /v1/sessions/{id}/files."
        )
        return Problem(.badRequest, code: "unknown_file", words, field: "attachments")
    }

    /// Starts a run in the session that is named, or in a new one that is made in the same commit.
    func accept(_ wanted: WantedRun, _ call: Call) async throws -> Acceptance {
        if let run = call.acceptedBefore { return try await acceptance(of: run) }
        try limitRuns(call)
        guard let text = wanted.sessionID else {
            let incoming = try await incoming(wanted, in: nil).claimed(by: self, call.use)
            if case .after = wanted.incoming.place {
                let words = Words("A new session has no message to answer.", "Uma sessão nova ainda não tem mensagem para responder.")
                throw Problem(.badRequest, code: "invalid_request", words, field: "parent_message_id")
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
        let seconds = Int(wait.components.seconds) + 1
        let words = Words("Too many runs; try again in \(seconds) s.", "Execuções demais; tente de novo em \(seconds) s.")
        throw Problem(.tooManyRequests, code: "rate_limited", words, retryAfter: seconds)
    }
}
