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
            Endpoint(
                .post,
                "/v1/runs/{id}/fork",
                "Begin a session with what a run did up to an event, and go on from there",
                role: .member,
                commitsUse: true,
                fork
            ),
            Endpoint(
                .get,
                "/v1/runs/{id}/fork",
                "What a fork from an event may have otherwise, as it is; without from_event, at the end",
                query: ["from_event"],
                role: .member,
                ground
            ),
            Endpoint(.post, "/v1/runs/{id}/replay", "Play a run's log again, with nothing leaving, and compare", replay),
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

    private func fork(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        let wish = try ForkWish(call.body)
        // Whoever only talks to agents does not write what they are told to be.
        if wish.changes.instructions != nil || wish.changes.model != nil { try call.require(.builder) }
        if let forked = call.acceptedBefore { return .json(try await api.forkAcceptance(of: forked).json, status: .accepted) }
        try api.limitRuns(call)
        let accepted = try await api.engine.fork(
            run,
            from: wish.event,
            changes: wish.changes,
            owner: call.principal.id,
            claim: claim(call)
        )
        return .json(accepted.json, status: .accepted)
    }

    private func ground(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        let event = try await event(call, of: run)
        let ground = try await api.engine.forkGround(of: run, at: event)
        return .json(ground.json(at: event, showsAgent: call.principal.role >= .builder))
    }

    /// The event that the query names, else the session's last.
    private func event(_ call: Call, of run: Run) async throws -> Int64 {
        guard let text = call.request.query["from_event"] else { return try await api.log.lastEvent(of: run.sessionID) }
        guard let number = Int64(text) else {
            let words = Words("from_event must be the number of an event.", "from_event precisa ser o número de um evento.")
            throw Problem(.badRequest, code: "invalid_query", words, field: "from_event")
        }
        return number
    }

    private func replay(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        var fields = try Fields(call.body, known: ["project"])
        var version = ReplayProject.pinned
        if let word = fields.string("project") {
            let words = ReplayProject.allCases.map(\.rawValue)
            if let known = ReplayProject(rawValue: word) {
                version = known
            } else {
                fields.refuse(
                    "project",
                    Words("must be \(words.joined(separator: " or "))", "precisa ser \(words.joined(separator: " ou "))")
                )
            }
        }
        try fields.check()
        let report = try await api.engine.replay(run, with: version, showsPrompts: call.principal.role >= .builder)
        return .json(report.json)
    }

    /// The use of an `Idempotency-Key`, to be committed together with the run.
    private func claim(_ call: Call) -> (@Sendable (RunID) -> Projection)? {
        guard let use = call.use else { return nil }
        let store = api.idempotency
        return { store.claim(use, run: $0) }
    }

    /// The run as it stands now.
    private func answer(_ run: Run, _ call: Call, status: HTTPStatus) async throws -> HTTPResponse {
        guard let now = try await api.runs.find(run.id, owner: nil) else { throw API.missing(.run, run.id.rawValue) }
        return .json(try await api.named(now, for: call.principal).json, status: status)
    }
}

extension API {
    /// What whoever forked was told, from the log.
    fileprivate func forkAcceptance(of id: RunID) async throws -> Acceptance {
        var accepted = try await acceptance(of: id)
        let events = try await log.pages.ofRun(id, session: accepted.sessionID)
        accepted.after = (events.first { !$0.isCopy }?.number ?? 1) - 1
        return accepted
    }

    /// The run that the path names, if it is the caller's.
    func run(_ call: Call) async throws -> Run {
        let id = try call.id("id", RunID.self)
        guard let run = try await runs.find(id, owner: call.principal.rowOwner) else { throw Self.missing(.run, id.rawValue) }
        return run
    }
}

extension ForkGround {
    /// - Parameter showsAgent: Whoever only talks to agents does not see what they are told to be.
    fileprivate func json(at event: Int64, showsAgent: Bool) -> JSON {
        var object: JSONObject = ["from_event": .int(event), "goes_on": .bool(goesOn), "content": .string(content)]
        object["tool_results"] = .array(calls.map(\.json))
        if showsAgent, let instructions, let model {
            object["instructions"] = .string(instructions)
            object["model"] = .string(model)
            object["models"] = .array(models.map(JSON.string))
        }
        return .object(object)
    }
}

extension ForkGround.Call {
    fileprivate var json: JSON {
        var object: JSONObject = ["call_id": .string(id.rawValue), "tool": .string(tool), "params": params]
        object["success"] = result.map { JSON.bool($0.success) } ?? .null
        object["data"] = result?.data
        object["error"] = result?.error.map(JSON.string)
        return .object(object)
    }
}
