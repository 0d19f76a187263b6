import BatutaCore
import BatutaHTTP
import BatutaRuns

extension API {
    /// The session's log as an SSE response, from a number on. What is wrong is said before the stream begins.
    func eventStream(_ call: Call, session: SessionID, after: Int64, run: RunID?, until ending: StreamEnding) async throws -> HTTPResponse {
        let last = try await log.lastEvent(of: session)
        guard after <= last else { throw RunsError(.logRewound, .logEnds(session, at: last), lastEvent: last) }
        let log = log
        let streams = streams
        let principal = call.principal
        let language = call.language
        return .events { writer in
            let sink = EventStreamSink(writer: writer, language: language, ending: ending)
            let number = streams.add(principal, session) { _ in sink.close() }
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
