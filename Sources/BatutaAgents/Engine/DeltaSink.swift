import BatutaCore
import BatutaModels
import BatutaRuns
import Synchronization

/// Takes a model's pieces of text through the one filter (DESIGN §9.15) into the log, and keeps what went through: the final message is
/// made of exactly that, so deltas and message cannot differ.
final class DeltaSink: Sendable {
    private let writer: LogWriter
    private let event: NewEvent
    private let messageID: MessageID
    private let state: Mutex<State>

    fileprivate struct State {
        var filter: OutputFilter
        var reasoningFilter: OutputFilter
        var text = ""
        var tookText = false
    }

    init(writer: LogWriter, event: NewEvent, messageID: MessageID, secrets: SecretPatterns) {
        self.writer = writer
        self.event = event
        self.messageID = messageID
        state = Mutex(State(filter: OutputFilter(secrets), reasoningFilter: OutputFilter(secrets)))
    }

    func take(_ delta: ModelDelta) {
        switch delta {
        case .content(let text): post(state.withLock { $0.push(text) })
        case .reasoning(let text):
            let passed = state.withLock { $0.reasoningFilter.push(text) }
            guard !passed.isEmpty else { return }
            postEvent(.reasoning(messageID: messageID, delta: passed))
        }
    }

    /// Lets out what the filter held back; gives the whole text. A provider that sent no pieces gives its text here.
    func finish(_ whole: String) -> String {
        let rest = state.withLock { state in
            let late = state.tookText ? "" : state.push(whole)
            return late + state.finish()
        }
        post(rest)
        return state.withLock { $0.text }
    }

    private func post(_ passed: String) {
        guard !passed.isEmpty else { return }
        postEvent(.content(messageID: messageID, delta: passed))
    }

    private func postEvent(_ data: EventData) {
        var delta = event
        delta.data = data
        writer.postDelta(delta)
    }
}

extension DeltaSink.State {
    fileprivate mutating func push(_ text: String) -> String {
        let passed = filter.push(text)
        tookText = true
        self.text += passed
        return passed
    }

    fileprivate mutating func finish() -> String {
        let passed = filter.finish()
        text += passed
        return passed
    }
}
