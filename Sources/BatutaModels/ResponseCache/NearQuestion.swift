public import BatutaCore

/// The first question of a session, as the semantic cache knows it: what it says, where it lies, and among which others it may be looked for.
public struct NearQuestion: Sendable {
    /// A digest of everything but the question: user, agent, model, instructions, tools, language, and who made the vector.
    let group: ResponseCacheKey
    let text: String
    let words: QuestionWords
    /// Of length 1.
    let vector: [Float]

    /// What a request asks when it is a first question that could be compared; nil for any other.
    ///
    /// Nothing may come before it, no file with it, and it may not mean another thing tomorrow.
    public static func text(of request: ModelRequest) -> String? {
        guard request.turns.count == 1, case .user(let text)? = request.turns.first, text.utf8.count <= QuestionWords.longest else {
            return nil
        }
        return QuestionWords(text).isTimely ? nil : text
    }

    /// - Parameters:
    ///   - vector: As the model gave it.
    ///   - maker: `EmbeddingModel.identity`.
    /// - Returns: nil for a request that is none, and for a vector without a direction.
    public init?(_ request: ModelRequest, in scope: ResponseCacheKey.Scope, vector: [Float], by maker: String) {
        guard let text = Self.text(of: request), let vector = QuestionVectors.normalised(vector) else { return nil }
        var bytes = QuestionBytes()
        bytes.add(maker: maker, width: vector.count)
        bytes.add(scope)
        bytes.add(request, turns: [])
        group = ResponseCacheKey(digestOf: bytes.bytes)
        self.text = text
        words = QuestionWords(text)
        self.vector = vector
    }
}
