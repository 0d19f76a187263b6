import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// What a client says over the WebSocket of one session (API §5).
struct SocketConversation: Sendable {
    let api: API
    let call: Call
    let session: Session

    func answer(_ message: WebSocketMessage) async -> JSON {
        let frame = SocketFrame(message)
        do {
            return frame.ack(try await perform(frame))
        } catch {
            return frame.nack(error, language: call.reader)
        }
    }

    private func perform(_ frame: SocketFrame) async throws -> JSONObject {
        guard let type = frame.type else { throw SocketFrame.noType }
        try call.require(.member)
        let commands = SocketCommands(api: api, call: call)
        switch type {
        case "message": return try await send(frame)
        case "stop": return try await commands.stop(frame)
        case "approve", "reject": return try await commands.decide(frame, approve: type == "approve")
        default:
            throw SocketFrame.unknown(type, among: ["message", "stop", "approve", "reject"])
        }
    }

    private func send(_ frame: SocketFrame) async throws -> JSONObject {
        let wanted = try api.message(frame.fields(API.messageFields + ["parent_message_id"]), from: call)
        return try await api.accept(wanted, in: session, call).json.object ?? [:]
    }
}

extension API {
    /// The session's log over WebSocket, from a number on, with the client's messages answered in order.
    func eventSocket(_ call: Call, session: Session, after: Int64, run: RunID?) async throws -> HTTPResponse {
        guard call.request.isWebSocket else {
            throw Problem(.upgradeRequired, code: "upgrade_required", .webSocketOnly(insteadUse: "/v1/sessions/{id}/events"))
        }
        _ = try await log.check(after, of: session.id)
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
    var closeCode: WebSocketCloseCode {
        switch self {
        case .draining: .goingAway
        case .notAllowed: .notAllowed
        case .sessionDeleted: .done
        }
    }
}
