import BatutaCore

/// Puts the pieces of tool calls together.
///
/// OpenAI, Groq and vLLM number the calls and send arguments in pieces; Ollama and others send whole calls, some without number or
/// identifier, some all with number 0. A piece continues a call when its number (or, without one, its place at the end) says so and
/// neither its identifier nor a second name contradicts.
struct ChatCallAssembler: Sendable {
    private(set) var drafts: [Draft] = []

    struct Draft: Sendable {
        var index: Int?
        var id: String
        var name: String
        var arguments: String
        var joiner = TextJoiner()
        var extra: JSON?
    }

    /// Takes a piece; returns how many bytes it added.
    mutating func take(_ piece: CallPiece, repaired: Bool) -> Int {
        let position = position(for: piece)
        if drafts[position].id.isEmpty { drafts[position].id = piece.id ?? "" }
        if drafts[position].name.isEmpty { drafts[position].name = piece.name ?? "" }
        if let extra = piece.extra { drafts[position].extra = extra }
        let text = drafts[position].joiner.push(piece.arguments ?? "", repaired: repaired)
        drafts[position].arguments += text
        return text.utf8.count
    }

    /// The calls, in the order in which they began. A call without a name keeps an empty one: the engine answers it as unknown.
    ///
    /// - Parameter isCut: The answer reached its limit, maybe within the last call.
    mutating func finish(isCut: Bool) -> [ModelAnswer.ProposedCall] {
        drafts.enumerated().map { index, draft in
            var draft = draft
            draft.arguments += draft.joiner.finish()
            let arguments = ModelToolCall.Arguments.read(draft.arguments, isCut: isCut && index == drafts.count - 1)
            return ModelAnswer.ProposedCall(tool: draft.name, arguments: arguments)
        }
    }

    private mutating func position(for piece: CallPiece) -> Int {
        let candidate =
            piece.index.map { index in drafts.lastIndex { $0.index == index } } ?? (drafts.isEmpty ? nil : drafts.count - 1)
        if let candidate, continues(drafts[candidate], piece) { return candidate }
        drafts.append(Draft(index: piece.index, id: "", name: "", arguments: ""))
        return drafts.count - 1
    }

    private func continues(_ draft: Draft, _ piece: CallPiece) -> Bool {
        if let id = piece.id, !id.isEmpty, !draft.id.isEmpty { return id == draft.id }
        guard let name = piece.name, !name.isEmpty, !draft.name.isEmpty else { return true }
        return name == draft.name && !Self.isWhole(draft.arguments)
    }

    private static func isWhole(_ arguments: String) -> Bool {
        guard case .valid = ModelToolCall.Arguments.read(arguments) else { return false }
        return !arguments.isEmpty
    }
}
