import BatutaCore

/// Google's generateContent (https://ai.google.dev/api/generate-content), v1beta.
struct GeminiWire: ModelWire {
    static let kind = "gemini"

    private let base: String

    let nouns = ProviderFailure.Nouns(answer: "generated content", api: "Google's API, up to and with /v1beta")

    init(baseURL: String) {
        var trimmed = Substring(baseURL)
        while trimmed.last == "/" { trimmed.removeLast() }
        base = String(trimmed)
    }

    func address(of request: ModelRequest) -> String {
        let model = Self.path(of: request.settings.model)
        return "\(base)/\(model):\(request.streams ? "streamGenerateContent?alt=sse" : "generateContent")"
    }

    func headers(key: String?) -> [(name: String, value: String)] { key.map { [("x-goog-api-key", $0)] } ?? [] }

    func body(of request: ModelRequest) -> [UInt8] { GeminiRequest(request).body() }

    func answer(to request: ModelRequest, failure: ProviderFailure) -> GeminiAnswer {
        GeminiAnswer(model: request.settings.model, failure: failure)
    }

    /// `gemini-2.5-flash` and `models/gemini-2.5-flash` are the same; tuned models have a path of their own. Nothing in it can leave it.
    private static func path(of model: String) -> String {
        let path = model.contains("/") ? model : "models/" + model
        return path.utf8.reduce(into: "") { text, byte in
            let isPlain = byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
            if isPlain || "-._~/".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
