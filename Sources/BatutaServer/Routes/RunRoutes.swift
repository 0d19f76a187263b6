import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/runs`: start and look at.
struct RunRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/v1/runs",
                "Start a run; stream it, wait for it, or neither",
                query: ["wait"],
                role: .member,
                commitsUse: true,
                start
            ),
            Endpoint(.get, "/v1/runs", "List runs, newest first", query: ["status", "session_id", "owner", "cursor", "limit"], list),
            Endpoint(.get, "/v1/runs/{id}", "Get a run", get),
            Endpoint(.get, "/v1/runs/{id}/trace", "What a run did and how long each part took", trace),
        ]
    }

    private func start(_ call: Call) async throws -> HTTPResponse {
        let waits = try waits(call)
        let wanted = try api.message(Fields(call.body, known: API.messageFields + ["target", "stream", "session_id"]), from: call)
        let accepted = try await api.accept(wanted, call)
        if wanted.streams {
            return try await api.eventStream(call, session: accepted.sessionID, after: accepted.after, run: accepted.runID, until: .rest)
        }
        guard waits else { return .json(accepted.json, status: .accepted) }
        await api.engine.waitUntilRest(of: accepted.runID)
        guard let run = try await api.runs.find(accepted.runID, owner: nil) else { throw API.missing(.run, accepted.runID.rawValue) }
        // Still queued or running when the server drains: the run goes on after the next start.
        return .json(try await api.named(run, for: call.principal).json, status: run.status.isActive ? .accepted : .ok)
    }

    private func waits(_ call: Call) throws -> Bool {
        switch call.request.query["wait"] {
        case nil, "1": true
        case "0": false
        default: throw Problem(.badRequest, code: "invalid_query", Words("wait must be 0 or 1.", "wait precisa ser 0 ou 1."), field: "wait")
        }
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let runs = try await api.runs.list(
            owner: try call.listOwner(),
            status: try status(call),
            session: try call.queryID("session_id"),
            before: try call.queryID("cursor", RunID.self)?.rawValue,
            limit: limit + 1
        )
        return .page(try await api.named(runs, for: call.principal), limit: limit, cursor: \.id.rawValue) { $0.json }
    }

    private func status(_ call: Call) throws -> RunStatus? {
        guard let word = call.request.query["status"] else { return nil }
        guard let status = RunStatus(word: word) else {
            let list = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
            let words = Words("status must be one of \(list).", "status precisa ser um destes: \(list).")
            throw Problem(.badRequest, code: "invalid_query", words, field: "status")
        }
        return status
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        .json(try await api.named(try await api.run(call), for: call.principal).json)
    }

    private func trace(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        let events = try await api.log.pages.ofRun(run.id, session: run.sessionID)
        let trace = RunTrace(
            of: run.id,
            agent: run.agent,
            createdAt: run.createdAt,
            try events.map { (data: try $0.data(), at: $0.at) },
            numbers: events.map(\.number)
        )
        return .json(trace.json(of: run))
    }
}
