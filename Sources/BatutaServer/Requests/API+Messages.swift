import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

/// Messages that come in: what they say, what they name, and the run that they start.
extension API {
    /// What the body of a message says.
    struct WantedRun: Sendable {
        var incoming: IncomingMessage
        var target: String?
        var sessionID: String?
        var streams: Bool
        /// Files of the session, or of nobody's session yet, by name.
        var attachments: [String]
        /// Files that stand in the message itself.
        var files: [MessageContent.InlineFile] = []
    }

    static let messageFields = ["content", "variables", "attachments"]

    /// - Parameters:
    ///   - call: Whoever sends it.
    ///   - hasFiles: It has files besides those that it names: then it need not say anything.
    func message(_ fields: Fields, from call: Call? = nil, hasFiles: Bool = false) throws -> WantedRun {
        var fields = fields
        var attachments = Self.attachments(&fields)
        let content = MessageContent.read(&fields, mayBeEmpty: hasFiles || !attachments.isEmpty)
        attachments += content.attachments
        let variables = fields.object("variables")?.object ?? [:]
        var place = NewMessage.Place.end
        if let parent = fields.string("parent_message_id") {
            if let id = MessageID(parent) {
                place = .after(id)
            } else {
                fields.refuse("parent_message_id", Words("there is no message \(parent)", "não existe a mensagem \(parent)"))
            }
        }
        var incoming = IncomingMessage(content: content.text, variables: variables, place: place)
        incoming.language = call?.principal.language
        incoming.showsImages = content.hasImages
        let wanted = WantedRun(
            incoming: incoming,
            target: fields.string("target"),
            sessionID: fields.string("session_id"),
            streams: fields.bool("stream") ?? false,
            attachments: attachments,
            files: content.files
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

    /// The message with its files. They are the session's, or were uploaded without one by whoever sends it now: those become the session's.
    private func incoming(_ wanted: WantedRun, in session: Session?, from call: Call) async throws -> IncomingMessage {
        var incoming = wanted.incoming
        for name in wanted.attachments {
            guard let id = FileID(name), let file = try await engine.files.find(id, owner: nil) else {
                throw Self.unknownFile(name, session)
            }
            if file.sessionID == nil, file.owner == call.principal.id {
                incoming.newFiles.insert(id)
            } else if file.sessionID == nil || file.sessionID != session?.id {
                throw Self.unknownFile(name, session)
            }
            incoming.attachments.append(file.attachment)
        }
        for file in wanted.files {
            let stored = try await keep(file, call)
            incoming.newFiles.insert(stored.id)
            incoming.attachments.append(stored.attachment)
        }
        return incoming
    }

    /// A file that stands in a message is uploaded ahead of it, as if by its sender: the message takes it along.
    private func keep(_ file: MessageContent.InlineFile, _ call: Call) async throws -> StoredFile {
        guard let blobs = engine.files.blobs else {
            throw Problem(.notImplemented, code: "no_files", Words("This store keeps no files.", "Este armazenamento não guarda arquivos."))
        }
        let blob = try await blobs.prepare(file.bytes)
        let now = clock.now()
        let stored = StoredFile(
            id: FileID.make(at: now, random: SystemRandom()),
            session: nil,
            owner: call.principal.id,
            name: file.name,
            mediaType: file.mediaType,
            size: Int64(file.bytes.count),
            hash: blob.hash,
            createdAt: now
        )
        try await engine.files.add(NewFile(stored, blob))
        return stored
    }

    private static func unknownFile(_ name: String, _ session: Session?) -> Problem {
        var words = Words(
            "There is no file \(name) in this session; upload it with POST /v1/sessions/{id}/files first.",
            "Não há um arquivo \(name) nesta sessão; envie-o antes com POST /v1/sessions/{id}/files."
        )
        if session == nil {
            words = Words(
                "There is no file \(name) for a new session; upload it with POST /v1/files first.",
                "Não há um arquivo \(name) para uma sessão nova; envie-o antes com POST /v1/files."
            )
        }
        return Problem(.badRequest, code: "unknown_file", words, field: "attachments")
    }

    /// Starts a run in the session that is named, or in a new one that is made in the same commit.
    func accept(_ wanted: WantedRun, _ call: Call) async throws -> Acceptance {
        if let run = call.acceptedBefore { return try await acceptance(of: run) }
        if let text = wanted.sessionID { return try await accept(wanted, in: try await session(text, call), call) }
        if case .after = wanted.incoming.place {
            let words = Words("A new session has no message to answer.", "Uma sessão nova ainda não tem mensagem para responder.")
            throw Problem(.badRequest, code: "invalid_request", words, field: "parent_message_id")
        }
        let incoming = try await admitted(wanted, in: nil, for: wanted.target, call)
        let session = try engine.makeSession(owner: call.principal.id, target: wanted.target)
        return try await engine.accept(incoming, in: session, isNew: true)
    }

    /// Starts a run in a session: the one way for a message, whatever door it came through.
    func accept(_ wanted: WantedRun, in session: Session, _ call: Call) async throws -> Acceptance {
        if let run = call.acceptedBefore { return try await acceptance(of: run) }
        let incoming = try await admitted(wanted, in: session, for: wanted.target ?? session.target, call)
        return try await engine.accept(incoming, in: session, target: wanted.target)
    }

    /// A message that its target takes, with its files; what is refused leaves no file behind.
    private func admitted(_ wanted: WantedRun, in session: Session?, for target: String?, _ call: Call) async throws -> IncomingMessage {
        try limitRuns(call)
        try engine.check(wanted.incoming, for: target)
        return try await incoming(wanted, in: session, from: call).claimed(by: self, call.use)
    }

    /// Creating runs is limited per caller; whoever holds the machine is not.
    func limitRuns(_ call: Call) throws {
        guard !call.principal.holdsTheMachine, let wait = runLimiter.take(call.principal.id) else { return }
        let seconds = Int(wait.components.seconds) + 1
        let words = Words("Too many runs; try again in \(seconds) s.", "Execuções demais; tente de novo em \(seconds) s.")
        throw Problem(.tooManyRequests, code: "rate_limited", words, retryAfter: seconds)
    }
}
