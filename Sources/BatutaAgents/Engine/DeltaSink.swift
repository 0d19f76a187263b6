import BatutaCore
import BatutaModels
import BatutaRuns
import Synchronization

/// Takes a model's pieces of text through the one filter (DESIGN §9.15) into the log, and keeps what went through: the final message is
/// made of exactly that, so deltas and message cannot differ.
///
/// Pieces that arrive in one go are posted together, a moment later on the run's own executor: an answer that comes whole needs no commit
/// of its own.
final class DeltaSink: Sendable {
    private let writer: LogWriter
    private let event: NewEvent
    private let messageID: MessageID
    private let executor: (any TaskExecutor)?
    private let state: Mutex<State>

    fileprivate struct State {
        var filter: OutputFilter
        var reasoningFilter: OutputFilter
        var text = ""
        var tookText = false
        /// Of what the model sent, whatever became of it.
        var heardBytes = 0
        /// What passed the filter and is not posted yet, in order.
        var pending: [Piece] = []
    }

    fileprivate struct Piece {
        var isReasoning: Bool
        var text: String
    }

    init(writer: LogWriter, event: NewEvent, messageID: MessageID, secrets: SecretPatterns, executor: (any TaskExecutor)?) {
        self.writer = writer
        self.event = event
        self.messageID = messageID
        self.executor = executor
        state = Mutex(State(filter: OutputFilter(secrets), reasoningFilter: OutputFilter(secrets)))
    }

    func take(_ delta: ModelDelta) {
        let isFirst = state.withLock { state in
            let wasEmpty = state.pending.isEmpty
            state.heardBytes += delta.size
            state.push(delta)
            return wasEmpty && !state.pending.isEmpty
        }
        // Nobody waits for it: what it would post is taken by `finish` or `flush` when they come first.
        if isFirst { Task(executorPreference: executor) { await self.flushSoon() } }
    }

    /// Lets an answer that is over come first.
    private func flushSoon() async {
        for _ in 0..<4 {
            await Task.yield()
            if state.withLock({ $0.pending.isEmpty }) { return }
        }
        flush()
    }

    /// Bytes of text and reasoning that the model has sent.
    var heardBytes: Int { state.withLock { $0.heardBytes } }

    /// Posts what has gathered.
    func flush() {
        state.withLock { state in
            for piece in state.pending { post(piece) }
            state.pending = []
        }
    }

    /// Lets out what the filter held back. A provider that sent no pieces gives its text here.
    ///
    /// - Returns: the whole text, and the events of it that are not in the log yet: they go there with the message, in one commit.
    func finish(_ whole: String) -> (text: String, rest: [EventData]) {
        state.withLock { state in
            if !state.tookText { state.push(.content(whole)) }
            state.letGo()
            defer { state.pending = [] }
            return (state.text, state.pending.map(data))
        }
    }

    private func post(_ piece: Piece) {
        var event = event
        event.data = data(piece)
        writer.postDelta(event)
    }

    private func data(_ piece: Piece) -> EventData {
        piece.isReasoning ? .reasoning(messageID: messageID, delta: piece.text) : .content(messageID: messageID, delta: piece.text)
    }
}

extension DeltaSink.State {
    fileprivate mutating func push(_ delta: ModelDelta) {
        switch delta {
        case .content(let text):
            tookText = true
            addContent(filter.push(text))
        case .reasoning(let text): add(reasoningFilter.push(text), isReasoning: true)
        }
    }

    fileprivate mutating func letGo() { addContent(filter.finish()) }

    private mutating func addContent(_ passed: String) {
        text += passed
        add(passed, isReasoning: false)
    }

    private mutating func add(_ passed: String, isReasoning: Bool) {
        guard !passed.isEmpty else { return }
        if let last = pending.indices.last, pending[last].isReasoning == isReasoning {
            pending[last].text += passed
        } else {
            pending.append(DeltaSink.Piece(isReasoning: isReasoning, text: passed))
        }
    }
}

extension ModelDelta {
    fileprivate var size: Int {
        switch self {
        case .content(let text), .reasoning(let text): text.utf8.count
        }
    }
}
