import BatutaCore

/// Anthropic's Messages (https://platform.claude.com/docs/en/api/messages), version 2023-06-01.
struct MessagesWire: ModelWire {
    static let kind = "anthropic"

    private let url: String

    let nouns = ProviderFailure.Nouns(answer: "message", api: "Anthropic's API, up to and with /v1")

    init(baseURL: String) { url = WireAddress.below(baseURL, "/messages") }

    func address(of request: ModelRequest) -> String { url }

    func headers(key: String?) -> [(name: String, value: String)] {
        [("anthropic-version", "2023-06-01")] + (key.map { [("x-api-key", $0)] } ?? [])
    }

    func body(of request: ModelRequest) -> [UInt8] { MessagesRequest(request).body() }

    func answer(to request: ModelRequest, failure: ProviderFailure) -> MessagesAnswer {
        MessagesAnswer(model: request.settings.model, failure: failure)
    }
}
