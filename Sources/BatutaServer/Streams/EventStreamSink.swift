import BatutaCore
import BatutaHTTP
import BatutaRuns
import Synchronization

/// When an event stream closes by itself.
enum StreamEnding: Sendable {
    case never
    /// As soon as no run of the session is queued or running.
    case idle
    /// As soon as the run that is followed has ended or waits for a human.
    case rest
}

/// How events are written to the reader of a stream.
struct StreamFormat: Sendable {
    /// nil for server-sent events, with a comment now and then.
    var mediaType: String?
    /// The bytes of one event; none for one that the reader does not get.
    var frame: @Sendable (LoggedEvent) -> [UInt8]
    /// Said when the stream ends because the server drains, although the run goes on.
    var farewell: [UInt8] = StreamFormat.draining

    /// A comment, which every reader of server-sent events passes over.
    static let draining = Array(": draining; come back with Last-Event-ID\n\n".utf8)

    /// Envelopes as server-sent events, each with its number.
    static func envelopes(_ language: String) -> StreamFormat {
        StreamFormat { ServerSentEvent(id: String($0.number), data: $0.envelope(language: language)).bytes }
    }

    func response(_ register: @escaping @Sendable (HTTPResponseWriter) -> Void) -> HTTPResponse {
        guard let mediaType else { return .events(register) }
        let headers: HTTPHeaders = ["Content-Type": mediaType, "Cache-Control": "no-store", "X-Accel-Buffering": "no"]
        return HTTPResponse(headers: headers, body: .detachedStream(register))
    }
}

/// One reader of a session's log over a streamed response. Written to straight from the log; no task sleeps for it. A reader who lets too much gather is cut
/// off, and comes back by number without having disturbed anyone (API §4).
final class EventStreamSink: EventSink {
    private let writer: HTTPResponseWriter
    private let format: StreamFormat
    private let ending: StreamEnding

    /// Bytes that may wait for a reader.
    static let mostWaiting = 4 * 1_024 * 1_024

    init(writer: HTTPResponseWriter, format: StreamFormat, ending: StreamEnding) {
        self.writer = writer
        self.format = format
        self.ending = ending
    }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        var bytes: [UInt8] = []
        for event in events { bytes += format.frame(event) }
        if !bytes.isEmpty, !write(bytes) { return false }
        guard closes(after: events, isIdle) else { return true }
        close()
        return false
    }

    func room() async throws { try await writer.write([]) }

    func close() { writer.finish() }

    func close(_ reason: OpenStreams.Reason) {
        if case .draining = reason { _ = writer.tryWrite(format.farewell) }
        writer.finish()
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        guard let waiting = writer.tryWrite(bytes) else { return false }
        guard waiting <= Self.mostWaiting else {
            writer.abort()
            return false
        }
        return true
    }

    private func closes(after events: [LoggedEvent], _ isIdle: Bool) -> Bool {
        switch ending {
        case .never: false
        case .idle: isIdle
        // A member that rests is not the team's rest.
        case .rest: events.contains { $0.parentRunID == nil && Self.isRest($0) }
        }
    }

    private static func isRest(_ event: LoggedEvent) -> Bool {
        switch try? event.data() {
        case .complete: true
        case .error(let error): !error.recoverable
        case .status(let status): ["pending_approval", "paused", "waiting"].contains(status.status)
        default: false
        }
    }
}
