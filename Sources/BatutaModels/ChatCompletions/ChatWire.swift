import BatutaCore

/// OpenAI's chat completions, which OpenRouter, Groq, Ollama, vLLM and most others speak too.
struct ChatWire: ModelWire {
    private let encoder: ChatRequestEncoder
    private let url: String

    let nouns = ProviderFailure.Nouns()

    init(baseURL: String) {
        encoder = ChatRequestEncoder(dialect: ChatDialect(baseURL: baseURL))
        url = WireAddress.below(baseURL, "/chat/completions")
    }

    func address(of request: ModelRequest) -> String { url }

    func headers(key: String?) -> [(name: String, value: String)] { key.map { [("Authorization", "Bearer \($0)")] } ?? [] }

    func body(of request: ModelRequest) -> [UInt8] { encoder.body(of: request) }

    func answer(to request: ModelRequest, failure: ProviderFailure) -> ChatAnswer {
        let kept = ChatKeptParts(model: request.settings.model, keepsReasoning: encoder.dialect.wantsReasoningBack)
        return ChatAnswer(failure: failure, keeps: kept)
    }
}
