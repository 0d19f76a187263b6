import BatutaCore
import BatutaHTTP
import BatutaRuns

/// One SSE reader of all its sessions' events; a frame's id is the cursor after it.
struct TailStreamSink: TailSink {
    let writer: HTTPResponseWriter
    let language: String

    func deliver(_ events: [TailedEvent]) -> Bool {
        var bytes: [UInt8] = []
        for tailed in events {
            ServerSentEvent(id: tailed.cursor.text, data: tailed.event.envelope(language: language)).append(to: &bytes)
        }
        guard let waiting = writer.tryWrite(bytes) else { return false }
        guard waiting <= EventStreamSink.mostWaiting else {
            writer.abort()
            return false
        }
        return true
    }

    func room() async throws { try await writer.write([]) }
}

extension API {
    /// The events of every session that the caller sees, as an SSE response.
    func tailStream(_ call: Call, after cursor: EventCursor, _ filter: TailFilter) async throws -> HTTPResponse {
        let cursor = try await log.tail.check(cursor)
        let (log, streams, principal, language) = (log, streams, call.principal, call.language)
        return .events { writer in
            let reader = log.tail.reader(after: cursor, filter, to: TailStreamSink(writer: writer, language: language))
            let number = streams.add(principal, nil) { reason in
                switch reason {
                case .sessionDeleted: return
                case .draining: writer.tryWrite(StreamFormat.draining)
                case .notAllowed: break
                }
                writer.finish()
            }
            writer.onClose {
                streams.remove(number)
                reader.close()
            }
            // Ends when the replay has caught up; whoever leaves earlier closes the writer, which ends the replay at its next page.
            Task {
                do { try await reader.begin() } catch { writer.abort() }
            }
        }
    }
}
