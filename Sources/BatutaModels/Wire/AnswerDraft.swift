import BatutaCore

/// The text and the reasoning of an answer as they come together, within bounds, whatever the protocol.
struct AnswerDraft: Sendable {
    private(set) var text = ""
    /// Bytes of text, reasoning and arguments, and of what is kept for the provider.
    private(set) var size = 0
    private var content = TextJoiner()
    private var reasoning = TextJoiner()

    /// How much a provider may send for one answer.
    struct Bounds: Sendable {
        /// Text, reasoning and arguments together: far above what any model writes, far below what hurts.
        var bytes = 8 << 20
        var calls = 256
    }

    var hasText: Bool { !text.isEmpty }

    mutating func addText(_ piece: String, repaired: Bool, _ emit: (ModelDelta) -> Void) {
        append(content.push(piece, repaired: repaired), emit)
    }

    mutating func addReasoning(_ piece: String, repaired: Bool, _ emit: (ModelDelta) -> Void) {
        think(reasoning.push(piece, repaired: repaired), emit)
    }

    /// Bytes of arguments or of what is kept for the provider.
    mutating func count(_ bytes: Int) { size += bytes }

    /// Lets out what waited for the rest of a character.
    mutating func finish(_ emit: (ModelDelta) -> Void) {
        think(reasoning.finish(), emit)
        append(content.finish(), emit)
    }

    func check(calls: Int, _ failure: ProviderFailure, bounds: Bounds = Bounds()) throws(ModelError) {
        guard size > bounds.bytes || calls > bounds.calls else { return }
        throw ModelError(
            .badAnswer,
            "\(failure.provider): the answer is larger than \(bounds.bytes) bytes or has more than \(bounds.calls) tool calls. Lower max_output_tokens."
        )
    }

    private mutating func append(_ piece: String, _ emit: (ModelDelta) -> Void) {
        guard !piece.isEmpty else { return }
        text += piece
        size += piece.utf8.count
        emit(.content(piece))
    }

    private mutating func think(_ piece: String, _ emit: (ModelDelta) -> Void) {
        guard !piece.isEmpty else { return }
        size += piece.utf8.count
        emit(.reasoning(piece))
    }
}

extension ProviderFailure {
    /// A stream that ended before the model did.
    func cut(after text: String) -> ModelError {
        ModelError(
            .unavailable,
            "\(provider): the stream was cut before the answer ended (\(text.utf8.count) bytes of text had arrived). Asking again usually helps."
        )
    }
}

extension ModelToolCall.Arguments {
    /// Arguments are an object; nothing at all, or `null`, means none were needed.
    ///
    /// - Parameter isCut: The answer ended within them, or just before. The beginning of an object is none, but nothing at all may be the beginning
    ///   of anything.
    static func read(_ text: String, isCut: Bool = false) -> ModelToolCall.Arguments {
        if text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) { return isCut ? .malformed("") : .valid([:]) }
        switch try? JSON.parse(text) {
        case .some(.object(let object)): return .valid(.object(object))
        case .some(.null): return .valid([:])
        default: return .malformed(text)
        }
    }

    /// As an object, for histories that are sent back: several servers refuse one whose arguments are none, so a malformed text goes back
    /// inside one.
    var object: JSON {
        switch self {
        case .valid(let json): json
        case .malformed(let text): ["malformed_arguments": .string(text)]
        }
    }
}
