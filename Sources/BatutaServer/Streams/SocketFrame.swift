import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// One message of a client over a WebSocket, and how it is answered: `ack` with the fields of the HTTP answer, or `nack` with a code (API §5).
struct SocketFrame: Sendable {
    let json: JSON
    /// nil when the message is no object with a type.
    let type: String?

    init(_ message: WebSocketMessage) {
        json = (try? JSON.parse(message.bytes)) ?? .null
        type = json["type"]?.string
    }

    /// The fields besides `type` and `ref`; unknown ones are refused.
    func fields(_ known: [String]) throws -> Fields { try Fields(json, known: ["type", "ref"] + known) }

    func ack(_ fields: JSONObject) -> JSON { answer("ack", fields) }

    func nack(_ error: any Error, language: Language) -> JSON {
        let problem = Problem.of(error) ?? .unexpected
        var fields: JSONObject = ["code": .string(problem.code), "message": .string(problem.detail(language))]
        if !problem.errors.isEmpty {
            fields["errors"] = .array(
                problem.errors.map { ["field": .string($0.field), "message": .string($0.message(language))] }
            )
        }
        for member in problem.members { fields[member.name] = member.value }
        return answer("nack", fields)
    }

    private func answer(_ type: String, _ fields: JSONObject) -> JSON {
        var object: JSONObject = ["type": .string(type)]
        object["ref"] = json["ref"]
        for (name, value) in fields { object[name] = value }
        return .object(object)
    }

    static let noType = Problem(
        .badRequest,
        code: "invalid_json",
        Words("A message must be a JSON object with a type.", "Uma mensagem precisa ser um objeto JSON com um type.")
    )

    static func unknown(_ type: String, among known: [String]) -> Problem {
        let list = known.joined(separator: ", ")
        let words = Words("Unknown type \(type); known: \(list).", "Tipo desconhecido: \(type); existem: \(list).")
        return Problem(.badRequest, code: "unknown_type", words)
    }
}

extension Problem {
    static let unexpected = Problem(.internalServerError, code: "internal", Words("Something went wrong.", "Algo deu errado."))
}

/// What every socket takes, whatever it follows.
struct SocketCommands: Sendable {
    let api: API
    let call: Call

    func stop(_ frame: SocketFrame) async throws -> JSONObject {
        try call.require(.member)
        var fields = try frame.fields(["run_id"])
        let id = fields.requiredString("run_id")
        try fields.check()
        guard let known = RunID(id), let run = try await api.runs.find(known, owner: call.principal.rowOwner) else {
            throw API.missing(.run, id)
        }
        let ended = try await api.engine.stop(run)
        return ["run_id": .string(id), "ended": .bool(ended)]
    }

    func decide(_ frame: SocketFrame, approve: Bool) async throws -> JSONObject {
        try call.require(.member)
        var fields = try frame.fields(["approval_id"] + API.decisionFields)
        let id = fields.requiredString("approval_id")
        try fields.check()
        guard let known = ApprovalID(id), let approval = try await call.approval(known, in: api) else {
            throw API.missing(.approval, id)
        }
        let decided = try await api.decide(approval, approve: approve, fields, call)
        return ["approval_id": .string(id), "state": .string(decided.state.rawValue)]
    }
}
