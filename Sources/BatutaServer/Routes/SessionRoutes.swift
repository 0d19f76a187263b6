import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaRuns

/// `/v1/sessions`: conversations.
struct SessionRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/v1/sessions", "Create a session", role: .member, commitsUse: true, create),
            Endpoint(.get, "/v1/sessions", "List sessions, newest first", query: ["q", "owner", "cursor", "limit"], list),
            Endpoint(.get, "/v1/sessions/{id}", "Get a session", get),
            Endpoint(.patch, "/v1/sessions/{id}", "Change title or metadata, or switch to another branch", role: .member, change),
            Endpoint(.delete, "/v1/sessions/{id}", "Delete a session with everything in it", role: .member, delete),
            Endpoint(.get, "/v1/sessions/{id}/messages", "The conversation on its current branch", query: ["cursor", "limit"], messages),
            Endpoint(.post, "/v1/sessions/{id}/messages", "Send a message: starts a run", role: .member, commitsUse: true, send),
            Endpoint(
                .patch,
                "/v1/sessions/{id}/messages/{message_id}",
                "Edit a message and run again, on a new branch",
                role: .member,
                commitsUse: true,
                edit
            ),
        ]
    }

    private func create(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["target", "title", "metadata", "variables"])
        let target = fields.string("target")
        let title = fields.string("title")
        let metadata = fields.object("metadata")
        let variables = fields.object("variables")
        try fields.check()
        let session = try api.engine.makeSession(
            owner: call.principal.id,
            target: target,
            title: title,
            metadata: metadata ?? [:],
            variables: variables ?? [:]
        )
        let answer = IdempotencyStore.Answer(status: HTTPStatus.created.code, body: session.json.bytes)
        try await api.sessions.create(session, with: call.use.map { [api.idempotency.claim($0, answer: answer)] } ?? [])
        return .json(answer.body, status: .created)
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let sessions = try await api.sessions.list(
            owner: try call.listOwner(),
            query: call.request.query["q"],
            before: try call.queryID("cursor", SessionID.self)?.rawValue,
            limit: limit + 1
        )
        return .page(try await api.named(sessions, for: call.principal), limit: limit, cursor: \.id.rawValue) { $0.json }
    }

    private func get(_ call: Call) async throws -> HTTPResponse { try await answer(call) }

    private func answer(_ call: Call) async throws -> HTTPResponse {
        .json(try await api.named(try await api.session(call), for: call.principal).wholeJSON)
    }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        var fields = try Fields(call.body, known: ["title", "metadata", "leaf"])
        let title = fields.string("title")
        let metadata = fields.object("metadata")
        let leaf = fields.string("leaf")
        try fields.check()
        if let leaf {
            guard let message = MessageID(leaf) else {
                let words = Words("There is no message \(leaf).", "Não existe a mensagem \(leaf).")
                throw Problem(.badRequest, code: "unknown_message", words)
            }
            try await api.engine.switchBranch(of: session.id, to: message)
        }
        if title != nil || metadata != nil {
            try await api.sessions.update(session.id, title: title, metadata: metadata, at: api.clock.now())
        }
        return try await answer(call)
    }

    private func delete(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        _ = try await api.engine.stop(try await api.runs.unfinished(in: session.id))
        // Where another node performed them, their ends are brought to the readers here while there is something to read.
        _ = try await api.log.lastEvent(of: session.id)
        let others = [api.idempotency.forgetting(session.id)] + ResponseCacheStore.forgetting(session.id)
        try await api.sessions.delete(session.id, with: others + ExperimentStore.forgetting(session.id))
        api.engine.answers?.forget(session.id)
        api.streams.close(session.id)
        api.log.forget(session.id)
        return HTTPResponse(status: .noContent)
    }

    private func messages(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        let limit = try call.limit(default: 1_000, most: 1_000)
        guard let leaf = try call.queryID("cursor", MessageID.self) ?? session.leaf else { return .json(["data": [], "next_cursor": nil]) }
        let messages = try await api.messages.branchWithSiblings(session.id, endingAt: leaf, limit: limit)
        let next = messages.first?.parent.map { JSON.string($0.rawValue) } ?? .null
        return .json(["data": .array(messages.map(\.json)), "next_cursor": next])
    }

    private func send(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        let message = try api.message(Fields(call.body, known: API.messageFields + ["parent_message_id"]), from: call)
        return .json(try await api.accept(message, in: session, call).json, status: .accepted)
    }

    private func edit(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        if let run = call.acceptedBefore { return .json(try await api.acceptance(of: run).json, status: .accepted) }
        let id = try call.id("message_id", MessageID.self)
        guard let edited = try await api.messages.find(id, in: session.id) else { throw API.missing(.message, id.rawValue) }
        let fields = try Fields(call.body, known: ["content", "variables"])
        let wanted = try api.message(fields, from: call, hasFiles: !edited.attachments.isEmpty)
        guard wanted.attachments.isEmpty, wanted.files.isEmpty else {
            let words = Words(
                "An edited message keeps its files; send new ones with a new message.",
                "A mensagem editada fica com os arquivos que tinha; mande outros em uma mensagem nova."
            )
            throw Problem(.badRequest, code: "invalid_request", words, field: "content")
        }
        var incoming = wanted.incoming.claimed(by: api, call.use)
        // Files stay with what was said about them.
        incoming.attachments = edited.attachments
        try api.limitRuns(call)
        return .json(try await api.engine.edit(edited, incoming, in: session).json, status: .accepted)
    }
}

extension Acceptance {
    /// The answer of API §3 to an accepted message.
    var json: JSON {
        [
            "run_id": .string(runID.rawValue), "message_id": .string(messageID.rawValue), "after": .int(after),
            "session_id": .string(sessionID.rawValue),
        ]
    }
}
