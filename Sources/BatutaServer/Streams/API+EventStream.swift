import BatutaCore
import BatutaHTTP
import BatutaRuns

extension API {
    /// The session's log as a streamed response, from a number on. What is wrong is said before the stream begins.
    ///
    /// - Parameter format: nil for envelopes as server-sent events.
    func eventStream(
        _ call: Call,
        session: SessionID,
        after: Int64,
        run: RunID?,
        until ending: StreamEnding,
        as format: StreamFormat? = nil
    ) async throws -> HTTPResponse {
        _ = try await log.check(after, of: session)
        let log = log
        let streams = streams
        let principal = call.principal
        let format = format ?? .envelopes(call.language)
        return format.response { writer in
            let sink = EventStreamSink(writer: writer, format: format, ending: ending)
            let number = streams.add(principal, session) { sink.close($0) }
            let subscription = Locked<Subscription?>(nil)
            writer.onClose {
                streams.remove(number)
                subscription.value?.cancel()
            }
            // Ends when the replay has caught up; whoever leaves earlier closes the writer, which ends the replay at its next page.
            Task {
                do {
                    let live = try await log.subscribe(to: session, after: after, run: run, sink: sink)
                    subscription.value = live
                    if !writer.isOpen { live.cancel() }
                } catch {
                    writer.abort()
                }
            }
        }
    }
}
