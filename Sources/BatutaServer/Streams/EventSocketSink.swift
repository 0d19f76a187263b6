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
        for event in events {
            guard let waiting = socket.trySend(event.envelope(language: language)) else { return false }
            guard waiting <= EventStreamSink.mostWaiting else {
                socket.close(.overload, reason: "reading too slowly; come back by number")
                return false
            }
        }
        return true
    }

    func room() async throws {
        guard socket.isOpen else { throw CancellationError() }
        try await socket.room()
    }
}
