public import BatutaCore

/// What went wrong with a request, as RFC 9457 problem details. Handlers throw it; the server sends it.
public struct Problem: Error, Sendable {
    /// One field of the request that is wrong.
    public struct FieldError: Sendable, Hashable {
        /// The field's path in the request.
        public var field: String
        /// What is wrong with it.
        public var message: String

        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// The response's status.
    public var status: HTTPStatus
    /// A stable word for programs.
    public var code: String
    /// What happened and what to do: in the reader's language where people meet it, for developers in English.
    public var detail: String
    /// Every field that is wrong, all at once.
    public var errors: [FieldError]
    /// Fields to add to the response, such as `Retry-After` or `WWW-Authenticate`.
    public var headers: HTTPHeaders
    /// Further members of the object.
    public var members: [(name: String, value: JSON)] = []

    /// A problem from its parts; the title is the status's phrase.
    public init(_ status: HTTPStatus, code: String, detail: String, errors: [FieldError] = [], headers: HTTPHeaders = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// The `application/problem+json` response.
    public func response(requestID: String) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/problem+json"
        return HTTPResponse(status: status, headers: headers, body: .bytes(body(requestID: requestID)))
    }

    /// The object as JSON.
    public func body(requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "about:blank")
        writer.member("title", status.reason)
        writer.member("status", status.code)
        writer.member("detail", detail)
        writer.member("code", code)
        writer.member("request_id", requestID)
        if !errors.isEmpty { writeErrors(to: &writer) }
        for member in members { writer.member(member.name, member.value) }
        writer.endObject()
        return writer.bytes
    }

    private func writeErrors(to writer: inout JSONWriter) {
        writer.key("errors")
        writer.beginArray()
        for error in errors {
            writer.beginObject()
            writer.member("field", error.field)
            writer.member("message", error.message)
            writer.endObject()
        }
        writer.endArray()
    }
}
