import BatutaCore
import BatutaHTTP
import BatutaRuns

/// One WebSocket reader of a session's log: each text message is one envelope.
final class EventSocketSink: EventSink {
    private let socket: ServerWebSocket
    private let language: String

    init(socket: ServerWebSocket, language: String) {
        self.socket = socket
        self.language = language
    }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        events.allSatisfy { socket.sendOrCutOff($0.envelope(language: language)) }
    }

    func room() async throws {
        guard socket.isOpen else { throw CancellationError() }
        try await socket.room()
    }
}

extension ServerWebSocket {
    /// Sends without waiting. A reader who lets too much gather is cut off, and comes back by number without having disturbed anyone (API §4).
    ///
    /// - Returns: Whether sending more makes sense.
    func sendOrCutOff(_ bytes: [UInt8]) -> Bool {
        guard let waiting = trySend(bytes) else { return false }
        guard waiting <= EventStreamSink.mostWaiting else {
            close(.overload, reason: "reading too slowly; come back by number")
            return false
        }
        return true
    }
}
