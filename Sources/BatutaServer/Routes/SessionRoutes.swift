import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/sessions`: conversations.
struct SessionRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/v1/sessions", "Create a session", role: .member, create),
            Endpoint(.get, "/v1/sessions", "List sessions, newest first", query: ["q", "cursor", "limit"], list),
            Endpoint(.get, "/v1/sessions/{id}", "Get a session", get),
            Endpoint(.patch, "/v1/sessions/{id}", "Change title or metadata", role: .member, change),
            Endpoint(.delete, "/v1/sessions/{id}", "Delete a session with everything in it", role: .member, delete),
            Endpoint(.get, "/v1/sessions/{id}/messages", "The conversation on its current branch", query: ["cursor", "limit"], messages),
            Endpoint(.post, "/v1/sessions/{id}/messages", "Send a message: starts a run", role: .member, send),
        ]
    }

    private func create(_ call: Call) async throws -> HTTPResponse {
        try await api.idempotent(call) { body, _ in
            var fields = try Fields(body, known: ["target", "title", "metadata", "variables"])
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
            try await api.sessions.create(session)
            return .json(session.json, status: .created)
        }
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let sessions = try await api.sessions.list(
            owner: call.principal.rowOwner,
            query: call.request.query["q"],
            before: call.request.query["cursor"],
            limit: limit + 1
        )
        return .page(sessions, limit: limit, cursor: \.id.rawValue) { $0.json }
    }

    private func get(_ call: Call) async throws -> HTTPResponse { .json(try await api.session(call).json) }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        var fields = try Fields(try await call.body(), known: ["title", "metadata"])
        let title = fields.string("title")
        let metadata = fields.object("metadata")
        try fields.check()
        try await api.sessions.update(session.id, title: title, metadata: metadata, at: api.clock.now())
        return .json(try await api.session(call).json)
    }

    private func delete(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        for run in try await api.runs.list(owner: nil, status: nil, session: session.id, before: nil, limit: 200) where !run.status.isEnded
        {
            _ = try await api.engine.stop(run)
        }
        try await api.sessions.delete(session.id)
        api.log.forget(session.id)
        return HTTPResponse(status: .noContent)
    }

    private func messages(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        guard let leaf = session.leaf else { return .json(["data": [], "next_cursor": nil]) }
        let messages = try await api.messages.branch(session.id, endingAt: leaf, limit: 1_000)
        return .json(["data": .array(messages.map(\.json)), "next_cursor": nil])
    }

    private func send(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        return try await api.idempotent(call) { body, use in
            let message = try api.message(body, also: ["attachments", "parent_message_id"])
            try api.limitRuns(call)
            let accepted = try await api.engine.accept(message.incoming.claimed(by: api, use), in: session)
            return .json(accepted.json, status: .accepted)
        }
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
