import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage
import BatutaTelemetry

/// What routes work with.
struct API: Sendable {
    let engine: Engine
    let log: EventLog
    let sessions: SessionStore
    let messages: MessageStore
    let runs: RunStore
    let approvals: ApprovalStore
    let keys: KeyStore
    let authenticator: Authenticator
    let idempotency: IdempotencyStore
    let streams: OpenStreams
    let clock: any ProjectClock
    let runLimiter: RateLimiter

    static func missing(_ kind: String, _ id: String) -> Problem {
        Problem(.notFound, code: "not_found", "There is no \(kind) \(id).")
    }

    /// The session that the path names, if it is the caller's.
    func session(_ call: Call) async throws -> Session {
        let id = try call.id("id", SessionID.self)
        guard let session = try await sessions.find(id, owner: call.principal.rowOwner) else { throw Self.missing("session", id.rawValue) }
        return session
    }

    /// What the body of a message says.
    struct WantedRun: Sendable {
        var incoming: IncomingMessage
        var target: String?
        var sessionID: String?
        var streams: Bool
    }

    func message(_ body: [UInt8], also known: [String]) throws -> WantedRun {
        var fields = try Fields(body, known: ["content", "variables"] + known)
        let content = MessageContent.read(&fields)
        let variables = fields.object("variables")?.object ?? [:]
        let wanted = WantedRun(
            incoming: IncomingMessage(content: content, variables: variables),
            target: fields.string("target"),
            sessionID: fields.string("session_id"),
            streams: fields.bool("stream") ?? false
        )
        if let attachments = fields.value("attachments"), attachments != [], !attachments.isNull {
            fields.refuse("attachments", "files come with a later version")
        }
        if fields.value("parent_message_id")?.isNull == false { fields.refuse("parent_message_id", "branches come with a later version") }
        try fields.check()
        return wanted
    }

    /// Creating runs is limited per caller; whoever holds the machine is not.
    func limitRuns(_ call: Call) throws {
        guard call.principal.keyID != nil, let wait = runLimiter.take(call.principal.id) else { return }
        throw Problem(
            .tooManyRequests,
            code: "rate_limited",
            "Too many runs; try again in \(wait.components.seconds + 1) s.",
            retryAfter: Int(wait.components.seconds) + 1
        )
    }

    /// Answers a repeated `Idempotency-Key` with the first answer; the work is done once.
    func idempotent(_ call: Call, _ work: ([UInt8], IdempotencyStore.Use?) async throws -> HTTPResponse) async throws -> HTTPResponse {
        let body = try await call.body()
        guard let key = call.request.headers["Idempotency-Key"] else { return try await work(body, nil) }
        guard !key.isEmpty, key.utf8.count <= 255 else {
            throw Problem(.badRequest, code: "invalid_idempotency_key", "Idempotency-Key must have 1 to 255 characters.")
        }
        let fingerprint = Digest.hex(Digest.sha256(Array("\(call.request.method) \(call.request.target)\n".utf8) + body))
        let use = IdempotencyStore.Use(principal: call.principal.id, key: key, fingerprint: fingerprint)
        switch try await idempotency.begin(use) {
        case .accepted(let run): return try await acceptedBefore(run)
        case .answered(let answer): return .json(answer.body, status: HTTPStatus(code: answer.status))
        case .differs:
            throw Problem(.conflict, code: "idempotency_mismatch", "This Idempotency-Key came before with another request.")
        case .inProgress:
            throw Problem(.conflict, code: "in_progress", "The first request with this Idempotency-Key is still being worked on.")
        case .fresh: break
        }
        do {
            let response = try await work(body, use)
            let answer = IdempotencyStore.Answer(status: response.status.code, body: response.bodyBytes)
            try await idempotency.finish(use, answer)
            return response
        } catch {
            idempotency.abandon(use)
            throw error
        }
    }

    /// The answer to a retry whose first answer was lost in a crash, after the run was accepted.
    private func acceptedBefore(_ id: RunID) async throws -> HTTPResponse {
        guard let run = try await runs.find(id, owner: nil) else { throw Self.missing("run", id.rawValue) }
        let events = try await log.pages.ofRun(id, session: run.sessionID)
        var message = ""
        for event in events {
            if case .message(let said) = try event.data(), said.role == .user { message = said.messageID.rawValue }
        }
        return .json(
            [
                "run_id": .string(id.rawValue), "message_id": .string(message), "after": .int((events.first?.number ?? 1) - 1),
                "session_id": .string(run.sessionID.rawValue),
            ],
            status: .accepted
        )
    }
}
