public import BatutaCore

/// What went wrong with a request, as RFC 9457 problem details. Handlers throw it; the server sends it.
public struct Problem: Error, Sendable {
    /// One field of the request that is wrong.
    public struct FieldError: Sendable, Hashable {
        /// The field's path in the request.
        public var field: String
        /// What is wrong with it.
        public var message: Words

        public init(field: String, message: Words) {
            self.field = field
            self.message = message
        }
    }

    /// The response's status.
    public var status: HTTPStatus
    /// A stable word for programs.
    public var code: String
    /// What happened and what to do.
    public var detail: Words
    /// Every field that is wrong, all at once.
    public var errors: [FieldError]
    /// Fields to add to the response, such as `Retry-After` or `WWW-Authenticate`.
    public var headers: HTTPHeaders
    /// Further members of the object.
    public var members: [(name: String, value: JSON)] = []
    /// The reader's language, where it is known better than from the request's head.
    public var language: Language?

    /// A problem from its parts; the title is the status's phrase.
    public init(_ status: HTTPStatus, code: String, detail: Words, errors: [FieldError] = [], headers: HTTPHeaders = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// The `application/problem+json` response.
    ///
    /// - Parameter language: For a problem that does not know its reader's.
    public func response(requestID: String, language: Language) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/problem+json"
        return HTTPResponse(status: status, headers: headers, body: .bytes(body(requestID: requestID, language: language)))
    }

    /// The object as JSON.
    public func body(requestID: String, language: Language) -> [UInt8] {
        let language = self.language ?? language
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "about:blank")
        writer.member("title", status.reason)
        writer.member("status", status.code)
        writer.member("detail", detail(language))
        writer.member("code", code)
        writer.member("request_id", requestID)
        if !errors.isEmpty { writeErrors(to: &writer, language) }
        for member in members { writer.member(member.name, member.value) }
        writer.endObject()
        return writer.bytes
    }

    private func writeErrors(to writer: inout JSONWriter, _ language: Language) {
        writer.key("errors")
        writer.beginArray()
        for error in errors {
            writer.beginObject()
            writer.member("field", error.field)
            writer.member("message", error.message(language))
            writer.endObject()
        }
        writer.endArray()
    }
}
