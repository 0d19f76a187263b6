import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// What a client says over its WebSocket, and the answers: `ack` with the fields of the HTTP answer, or `nack` with a code (API §5).
struct SocketConversation: Sendable {
    let api: API
    let call: Call
    let session: Session

    func answer(_ message: WebSocketMessage) async -> JSON {
        let json = try? JSON.parse(message.bytes)
        let reference = json?["ref"]
        do {
            guard let json, let type = json["type"]?.string else {
                throw Problem(.badRequest, code: "invalid_json", "A message must be a JSON object with a type.")
            }
            return Self.frame("ack", reference, try await perform(type, json))
        } catch {
            let known = Problem.of(error, language: call.language)
            let problem = known ?? Problem(.internalServerError, code: "internal", "Something went wrong.")
            return Self.frame("nack", reference, ["code": .string(problem.code), "message": .string(problem.detail)])
        }
    }

    private func perform(_ type: String, _ json: JSON) async throws -> JSONObject {
        try call.require(.member)
        switch type {
        case "message": return try await send(json)
        case "stop": return try await stop(json)
        case "approve", "reject": return try await decide(json, approve: type == "approve")
        default:
            throw Problem(.badRequest, code: "unknown_type", "Unknown type \(type); known: message, stop, approve, reject.")
        }
    }

    private func send(_ json: JSON) async throws -> JSONObject {
        let wanted = try api.message(Self.fields(json, API.messageFields))
        try api.limitRuns(call)
        return try await api.engine.accept(wanted.incoming, in: session).json.object ?? [:]
    }

    private func stop(_ json: JSON) async throws -> JSONObject {
        var fields = try Self.fields(json, ["run_id"])
        let id = fields.requiredString("run_id")
        try fields.check()
        guard let known = RunID(id), let run = try await api.runs.find(known, owner: call.principal.rowOwner) else {
            throw API.missing("run", id)
        }
        let ended = try await api.engine.stop(run)
        return ["run_id": .string(id), "ended": .bool(ended)]
    }

    private func decide(_ json: JSON, approve: Bool) async throws -> JSONObject {
        var fields = try Self.fields(json, ["approval_id"] + API.decisionFields)
        let id = fields.requiredString("approval_id")
        try fields.check()
        guard let known = ApprovalID(id), let approval = try await api.approvals.find(known, owner: call.principal.rowOwner) else {
            throw API.missing("approval", id)
        }
        let decided = try await api.decide(approval, approve: approve, fields, call)
        return ["approval_id": .string(id), "state": .string(decided.state.rawValue)]
    }

    private static func fields(_ json: JSON, _ known: [String]) throws -> Fields { try Fields(json, known: ["type", "ref"] + known) }

    private static func frame(_ type: String, _ reference: JSON?, _ fields: JSONObject) -> JSON {
        var object: JSONObject = ["type": .string(type)]
        object["ref"] = reference
        for (name, value) in fields { object[name] = value }
        return .object(object)
    }
}

extension API {
    /// The session's log over WebSocket, from a number on, with the client's messages answered in order.
    func eventSocket(_ call: Call, session: Session, after: Int64, run: RunID?) async throws -> HTTPResponse {
        guard call.request.isWebSocket else {
            throw Problem(.upgradeRequired, code: "upgrade_required", "This route speaks WebSocket; for SSE use /v1/sessions/{id}/events.")
        }
        let last = try await log.lastEvent(of: session.id)
        guard after <= last else { throw RunsError(.logRewound, .logEnds(session.id, at: last), lastEvent: last) }
        let conversation = SocketConversation(api: self, call: call, session: session)
        let (log, streams) = (log, streams)
        return HTTPResponse(
            body: .webSocket { socket in
                let number = streams.add(call.principal, session.id) { socket.close($0.closeCode) }
                defer { streams.remove(number) }
                let sink = EventSocketSink(socket: socket, language: call.language)
                let subscription = try await log.subscribe(to: session.id, after: after, run: run, sink: sink)
                defer { subscription.cancel() }
                for try await message in socket.messages {
                    try await socket.send(text: conversation.answer(message).text)
                }
            }
        )
    }
}

extension OpenStreams.Reason {
    fileprivate var closeCode: WebSocketCloseCode {
        switch self {
        case .draining: .goingAway
        case .notAllowed: .notAllowed
        case .sessionDeleted: .done
        }
    }
}
