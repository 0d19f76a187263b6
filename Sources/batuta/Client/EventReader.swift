import BatutaCore
import BatutaHTTP
import Synchronization

/// Turns the bytes of an SSE response into envelopes; keeps the body of a refusal.
final class EventReader: Sendable {
    private let onEvent: @Sendable (EventEnvelope) -> Bool
    private let state = Mutex(State())

    private struct State {
        var status = 0
        var parser = ServerSentEventParser()
        var refused: [UInt8] = []
    }

    init(onEvent: @escaping @Sendable (EventEnvelope) -> Bool) { self.onEvent = onEvent }

    func begin(status: Int) -> StreamDecision {
        state.withLock { $0.status = status }
        return .more
    }

    var refusedBody: JSON { state.withLock { (try? JSON.parse($0.refused)) ?? .null } }

    func take(_ bytes: UnsafeRawBufferPointer) -> StreamDecision {
        let events = state.withLock { state -> [EventEnvelope]? in
            guard (200..<300).contains(state.status) else {
                state.refused.append(contentsOf: bytes.prefix(65_536))
                return []
            }
            var events: [EventEnvelope] = []
            do {
                try state.parser.feed(bytes) { data in
                    let copy = Array(data)
                    if let json = try? JSON.parse(copy) { events.append(EventEnvelope(bytes: copy, json: json)) }
                }
            } catch {
                return nil
            }
            return events
        }
        guard let events else { return .stop }
        for event in events where !onEvent(event) { return .stop }
        return .more
    }
}
