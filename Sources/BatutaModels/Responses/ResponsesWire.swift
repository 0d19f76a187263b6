import BatutaCore

/// OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses). Nothing is stored there: what a model thought goes back
/// sealed, with the conversation.
struct ResponsesWire: ModelWire {
    static let kind = "openai_responses"

    private let dialect: ChatDialect
    private let url: String

    let nouns = ProviderFailure.Nouns(answer: "response", api: "OpenAI's API or one like it, up to and with /v1")

    init(baseURL: String) {
        dialect = ChatDialect(baseURL: baseURL)
        url = WireAddress.below(baseURL, "/responses")
    }

    func address(of request: ModelRequest) -> String { url }

    func headers(key: String?) -> [(name: String, value: String)] { key.map { [("Authorization", "Bearer \($0)")] } ?? [] }

    func body(of request: ModelRequest) -> [UInt8] { ResponsesRequest(request, dialect).body() }

    func answer(to request: ModelRequest, failure: ProviderFailure) -> ResponsesAnswer {
        ResponsesAnswer(model: request.settings.model, failure: failure)
    }
}
