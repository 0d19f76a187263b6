public import BatutaCore

/// The model that needs no key: plays the scripts under `rehearsals/`, through the same engine, tools and policies as a real one.
///
/// Deterministic, offline, and without delay unless a pause is asked for. Tokens are estimated (four bytes each), so that usage looks
/// like usage; the price of a rehearsal is zero.
public struct RehearsalProvider: ModelProvider {
    private let player: RehearsalPlayer
    private let pause: Duration?

    /// - Parameters:
    ///   - scripts: in the order in which they are tried; without any, a built-in text says what a rehearsal is.
    ///   - suggestions: what people may type when no script fits; taken from the scripts' patterns when empty.
    ///   - language: of the rehearsal's own words, `pt-BR` or `en`.
    ///   - pause: between words, for demonstrations.
    public init(scripts: [RehearsalScript] = [], suggestions: [String] = [], language: String = "en", pause: Duration? = nil) {
        player = RehearsalPlayer(scripts: scripts, suggestions: suggestions, language: language)
        self.pause = pause
    }

    /// At most three things that a person could say to an agent, or to any, for pages and messages.
    /// - Parameter language: The reader's; nil: the project's.
    public func suggestions(for agent: String? = nil, in language: String? = nil) -> [String] {
        player.suggestions(for: agent, in: language)
    }

    /// Throws `script` when an expression of the script fails, naming script, step and line, and `cancelled`.
    public func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        let move = request.purpose == .summary ? .say(RehearsalDigest.text(for: request.turns)) : try player.move(for: request)
        let input = Self.inputTokens(of: request)
        switch move {
        case .call(let calls):
            try Self.checkCancellation()
            return ModelAnswer(
                text: "",
                calls: calls,
                finishReason: .toolCalls,
                usage: ModelUsage(inputTokens: input, outputTokens: 16 * calls.count)
            )
        case .say(let text, let suggestions):
            if request.streams { try await stream(text, onDelta) }
            try Self.checkCancellation()
            let usage = ModelUsage(inputTokens: input, outputTokens: Self.tokens(text.utf8.count))
            var answer = ModelAnswer(text: text, usage: usage)
            answer.suggestions = suggestions
            return answer
        }
    }

    private func stream(_ text: String, _ onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) {
        for word in Self.words(text) {
            try Self.checkCancellation()
            onDelta(.content(word))
            guard let pause else { continue }
            do { try await Task.sleep(for: pause) } catch { throw Self.cancelled }
        }
    }

    private static let cancelled = ModelError(.cancelled, "The model call was cancelled.")

    private static func checkCancellation() throws(ModelError) {
        if Task.isCancelled { throw cancelled }
    }

    /// Words with the white space that follows them; put together they are the text.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var start = text.startIndex
        var wasSpace = false
        for index in text.unicodeScalars.indices {
            let isSpace = text.unicodeScalars[index].properties.isWhitespace
            if wasSpace, !isSpace {
                words.append(String(text[start..<index]))
                start = index
            }
            wasSpace = isSpace
        }
        if start < text.endIndex { words.append(String(text[start...])) }
        return words
    }

    private static func tokens(_ bytes: Int) -> Int { (bytes + 3) / 4 }

    private static func inputTokens(of request: ModelRequest) -> Int {
        tokens(
            request.turns.reduce(request.system.utf8.count) { sum, turn in
                switch turn {
                case .user(let text), .shown(let text, _): sum + text.utf8.count
                case .assistant(let text, let calls): sum + text.utf8.count + 64 * calls.count
                case .tool(_, _, let envelope): sum + envelope.count
                }
            }
        )
    }
}
