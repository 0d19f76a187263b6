import BatutaCore

/// An error object as a provider writes it: in the body of a failed answer, or in the middle of a stream that began well.
struct ProviderFault: Sendable, Hashable {
    var message: String
    /// A number or a word, as text.
    var code: String = ""
    /// The provider's word for it: OpenAI's and Anthropic's `type`, Google's `status`.
    var type: String = ""
    /// Google's `reason`, where details give one.
    var reason: String = ""
    /// Google's `retryDelay`.
    var retryAfter: Duration?
}

extension ProviderFault {
    /// The error object in the body of a failed answer, in any of the usual shapes; nil when there is none.
    static func find(in body: [UInt8]) -> ProviderFault? {
        (try? JSONDocument.read(body) { view in any(in: view) }) ?? nil
    }

    /// The error that an event of a stream is, or has in it.
    static func inStream(_ view: JSONView) -> ProviderFault? {
        if view["error"].isObject { return ProviderFault(view["error"]) }
        if let text = view["error"].string { return ProviderFault(message: text) }
        return view["object"].equals("error") || view["type"].equals("error") ? ProviderFault(view) : nil
    }

    private static func any(in view: JSONView) -> ProviderFault? {
        let document = view.isArray ? view[0] : view
        if let fault = inStream(document) { return fault }
        if document["message"].isString { return ProviderFault(document) }
        return document["detail"].string.map { ProviderFault(message: $0) }
    }

    init(_ view: JSONView) {
        let code = view["code"]
        self.init(
            message: view["message"].string ?? "",
            code: code.string ?? code.rawNumber ?? "",
            type: view["type"].string ?? view["status"].string ?? ""
        )
        for detail in view["details"].elements {
            if let reason = detail["reason"].string { self.reason = reason }
            if let delay = detail["retryDelay"].string { retryAfter = RetryAfter.read(protobuf: delay) }
        }
    }
}
