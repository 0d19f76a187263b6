import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/api/agent/chat/stream`: the chat stream of the older systems, so that their front ends go on working (S2.82–S2.96).
///
/// Flat objects of six types, one a line, or as server-sent events for those who accept them. Like every protocol of others it passes over
/// fields that it does not know.
struct OlderChatRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [Endpoint(.post, "/api/agent/chat/stream", "The older systems' chat stream: NDJSON, or SSE by Accept", role: .member, chat)]
    }

    private func chat(_ call: Call) async throws -> HTTPResponse {
        let accepted = try await api.accept(try Self.wanted(call.body), call)
        let isSSE = call.request.headers["Accept"]?.contains("text/event-stream") == true
        return try await api.eventStream(
            call,
            session: accepted.sessionID,
            after: accepted.after,
            run: accepted.runID,
            until: .rest,
            as: OlderChatFrames(of: accepted.sessionID, language: call.language).format(isSSE: isSSE)
        )
    }

    private static func wanted(_ body: [UInt8]) throws -> API.WantedRun {
        guard let json = try? JSON.parse(body), let message = json["message"]?.string, !message.allSatisfy(\.isWhitespace) else {
            let words = Words("message must be a text that is not empty.", "message precisa ser um texto que não esteja vazio.")
            throw Problem(.badRequest, code: "invalid_request", words, field: "message")
        }
        return API.WantedRun(
            incoming: IncomingMessage(content: message),
            sessionID: json["session_id"]?.string,
            streams: true,
            attachments: []
        )
    }
}

/// Turns a run's events into the objects of the older systems: `{type, content, agent?, tool?, params?, session_id}`.
final class OlderChatFrames: Sendable {
    private let session: SessionID
    private let language: String
    /// The agent that was shown last; it is told once, as when agents take turns.
    private let agent = Locked<String?>(nil)

    init(of session: SessionID, language: String) {
        self.session = session
        self.language = language
    }

    func format(isSSE: Bool) -> StreamFormat {
        StreamFormat(
            mediaType: isSSE ? nil : "application/x-ndjson",
            frame: { event in self.objects(event).flatMap { Self.frame($0, isSSE: isSSE) } },
            farewell: Self.frame(farewell, isSSE: isSSE)
        )
    }

    private static func frame(_ object: JSON, isSSE: Bool) -> [UInt8] {
        isSSE ? ServerSentEvent(data: object.bytes).bytes : object.bytes + [UInt8(ascii: "\n")]
    }

    /// Their front ends know no numbers to come back by; the answer will be in the conversation.
    private var farewell: JSON {
        let words = Words(
            "The server is restarting. The work goes on; open the conversation again in a moment.",
            "O servidor está reiniciando. O trabalho continua; abra a conversa de novo daqui a pouco."
        )
        let content = words(Language(tag: language))
        return ["type": "status", "content": .string(content), "session_id": .string(session.rawValue)]
    }

    private func objects(_ event: LoggedEvent) -> [JSON] {
        guard let data = try? event.data() else { return [] }
        let text = event.text(language: language) ?? ""
        if event.parentRunID != nil { return memberObjects(data, text, event) }
        switch data {
        case .status(let status): return statusObjects(status, text, event)
        case .agentSwitch(let name): return switchObjects(to: name, event)
        case .toolCall(let call): return [object("tool_call", text, event, ["tool": .string(call.tool), "params": call.params])]
        case .content(_, let delta): return [object("content", delta, event)]
        case .complete: return [object("complete", text, event)]
        case .error(let error): return [object(error.recoverable ? "status" : "error", text, event)]
        case .message, .reasoning, .toolResult, .approval, .step, .usage, .other: return []
        }
    }

    /// Of a team's members these front ends see who works and with what; what a member says is the leader's to tell.
    private func memberObjects(_ data: EventData, _ text: String, _ event: LoggedEvent) -> [JSON] {
        switch data {
        case .agentSwitch(let name): switchObjects(to: name, event)
        case .toolCall(let call): [object("tool_call", text, event, ["tool": .string(call.tool), "params": call.params])]
        case .error where !text.isEmpty: [object("status", text, event)]
        default: []
        }
    }

    /// Waiting for its turn is no news to a front end that knows of no turns.
    private func statusObjects(_ status: StatusEvent, _ text: String, _ event: LoggedEvent) -> [JSON] {
        guard status.status != RunStatus.queued.rawValue else { return [] }
        let shown = [object("status", text, event)]
        guard status.status == RunStatus.running.rawValue, let name = event.agent else { return shown }
        return shown + switchObjects(to: name, event)
    }

    private func switchObjects(to name: String, _ event: LoggedEvent) -> [JSON] {
        guard agent.value != name else { return [] }
        agent.value = name
        let words = language.hasPrefix("pt") ? "\(name) está trabalhando…" : "\(name) is working…"
        return [object("agent_switch", words, event, ["agent": .string(name)])]
    }

    private func object(_ type: String, _ content: String, _ event: LoggedEvent, _ more: JSONObject = [:]) -> JSON {
        var object: JSONObject = ["type": .string(type), "content": .string(content)]
        for (name, value) in more { object[name] = value }
        object["session_id"] = .string(event.sessionID.rawValue)
        return .object(object)
    }
}
