public import BatutaCore
import Synchronization

/// A model that answers from a list, one entry a call, and remembers what it was asked.
public final class ScriptedModel: ModelProvider {
    public enum Reply: Sendable {
        /// Words come as deltas, then the answer.
        case say(String)
        /// The words come one by one, so that each may get a commit of its own.
        case speak(String)
        case call([(tool: String, arguments: JSON)], text: String = "")
        case malformedCall(tool: String, arguments: String)
        case fail(ModelError, after: String = "")
        /// Emits the text, then hangs until it is cancelled or its time is over.
        case hang(after: String = "")
    }

    private struct State {
        var replies: [Reply]
        var requests: [ModelRequest] = []
        var waiters: [(count: Int, waiter: Waiter)] = []
    }

    private let state: Mutex<State>
    /// Chosen by the conversation instead of a list, when given: the same question always gets the same answer, also after a crash.
    private let rule: (@Sendable (ModelRequest) -> Reply)?

    public init(_ replies: [Reply]) {
        state = Mutex(State(replies: replies))
        rule = nil
    }

    public init(rule: @escaping @Sendable (ModelRequest) -> Reply) {
        state = Mutex(State(replies: []))
        self.rule = rule
    }

    public var requests: [ModelRequest] { state.withLock { $0.requests } }

    /// Returns when the model has been asked so many times.
    public func waitForRequests(_ count: Int) async {
        await Waiter.wait { waiter in
            let isThere = state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiters.append((count, waiter))
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    public func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        switch nextReply(to: request) {
        case .say(let text):
            Self.emit(text, onDelta)
            return ModelAnswer(text: text, usage: ModelUsage(inputTokens: 10, outputTokens: 5))
        case .speak(let text):
            for word in text.split(separator: " ", omittingEmptySubsequences: false) {
                onDelta(.content(word + " "))
                try? await Task.sleep(for: .milliseconds(2))
            }
            return ModelAnswer(text: text + " ", usage: ModelUsage(inputTokens: 10, outputTokens: 5))
        case .call(let calls, let text):
            Self.emit(text, onDelta)
            let proposed = calls.map { ModelAnswer.ProposedCall(tool: $0.tool, arguments: .valid($0.arguments)) }
            return ModelAnswer(text: text, calls: proposed, finishReason: .toolCalls, usage: ModelUsage(inputTokens: 10, outputTokens: 5))
        case .malformedCall(let tool, let arguments):
            return ModelAnswer(text: "", calls: [.init(tool: tool, arguments: .malformed(arguments))], finishReason: .toolCalls)
        case .fail(let error, let text):
            Self.emit(text, onDelta)
            throw error
        case .hang(let text):
            Self.emit(text, onDelta)
            do { try await Task.sleep(for: request.timeLimit ?? .seconds(3_600)) } catch { throw ModelError(.cancelled, "cancelled") }
            throw ModelError(.timeout, "out of time", reason: .outOfTime)
        }
    }

    private func nextReply(to request: ModelRequest) -> Reply {
        let (reply, ready) = state.withLock { state in
            state.requests.append(request)
            let ready = state.waiters.filter { $0.count <= state.requests.count }
            state.waiters.removeAll { $0.count <= state.requests.count }
            let reply = rule?(request) ?? (state.replies.isEmpty ? .say("(end of script)") : state.replies.removeFirst())
            return (reply, ready)
        }
        ready.forEach { $0.waiter.resume() }
        return reply
    }

    private static func emit(_ text: String, _ onDelta: (ModelDelta) -> Void) {
        var word = ""
        for character in text {
            word.append(character)
            if character == " " {
                onDelta(.content(word))
                word = ""
            }
        }
        if !word.isEmpty { onDelta(.content(word)) }
    }
}
