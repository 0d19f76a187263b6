import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/runs/{id}/…`: what people do to a run.
struct RunControlRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/v1/runs/{id}/stop", "Stop a run; answers when it has ended, after 10 s with 202", role: .member, stop),
            Endpoint(
                .post,
                "/v1/runs/{id}/pause",
                "Pause a run; answers when it is paused, after 10 s with 202",
                role: .member,
                pause
            ),
            Endpoint(.post, "/v1/runs/{id}/resume", "Let a paused run queue for its session's turn again", role: .member, resume),
        ]
    }

    private func stop(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        let ended = try await api.engine.stop(run)
        return try await answer(run, call, status: ended ? .ok : .accepted)
    }

    private func pause(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        let rests = try await api.engine.pause(run)
        return try await answer(run, call, status: rests ? .ok : .accepted)
    }

    private func resume(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        try await api.engine.resume(run)
        return try await answer(run, call, status: .ok)
    }

    /// The run as it stands now.
    private func answer(_ run: Run, _ call: Call, status: HTTPStatus) async throws -> HTTPResponse {
        guard let now = try await api.runs.find(run.id, owner: nil) else { throw API.missing(.run, run.id.rawValue) }
        return .json(try await api.named(now, for: call.principal).json, status: status)
    }
}

extension API {
    /// The run that the path names, if it is the caller's.
    func run(_ call: Call) async throws -> Run {
        let id = try call.id("id", RunID.self)
        guard let run = try await runs.find(id, owner: call.principal.rowOwner) else { throw Self.missing(.run, id.rawValue) }
        return run
    }
}
