public import BatutaCore

/// Somebody who turns texts into vectors, so that texts that mean the same lie close together. One call is one attempt.
public protocol EmbeddingModel: Sendable {
    /// What makes its vectors, as it is kept beside them: vectors of different makers are never compared.
    var identity: String { get }

    /// One vector for each text, in order. Honours cancellation at once.
    func embeddings(of texts: [String]) async throws(ModelError) -> Embeddings
}

/// What an embedding model answered.
public struct Embeddings: Sendable, Hashable {
    /// All of one width, as the model gives them.
    public var vectors: [[Float]]
    public var inputTokens: Int

    public init(vectors: [[Float]], inputTokens: Int = 0) {
        self.vectors = vectors
        self.inputTokens = inputTokens
    }
}
