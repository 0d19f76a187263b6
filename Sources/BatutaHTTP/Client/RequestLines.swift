/// The header lines of a request, NUL-terminated one after the other, as the C side takes them.
struct RequestLines: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    /// - Parameter userAgent: Sent where the request names none.
    /// - Throws: `badRequest` for what cannot be sent without changing what it means.
    init(_ request: ClientRequest, userAgent: String) throws(HTTPClientError) {
        guard HTTPHeaders.isName(request.method), HTTPHeaders.isValue(userAgent) else {
            throw HTTPClientError(
                .badRequest,
                "The HTTP method is no token, or the User-Agent cannot be a header; use a method like GET or POST."
            )
        }
        bytes.reserveCapacity(256)
        // libcurl would wait up to a second for "100 Continue" before a large body, and would invent a content type.
        append("Expect", nil)
        if request.body != nil, request.headers["Content-Type"] == nil { append("Content-Type", nil) }
        for field in request.headers {
            guard HTTPHeaders.isName(field.name), HTTPHeaders.isValue(field.value) else {
                throw HTTPClientError(.badRequest, "A request header holds a character that headers cannot carry; remove it.")
            }
            append(field.name, field.value)
        }
        // libcurl has options for these, and would format each line twice, letter by letter.
        if !userAgent.isEmpty, request.headers["User-Agent"] == nil { append("User-Agent", userAgent) }
        if request.acceptsCompression, request.headers["Accept-Encoding"] == nil { append("Accept-Encoding", "gzip, deflate") }
    }

    /// A nil value keeps libcurl from adding its own; an empty one needs libcurl's semicolon notation.
    private mutating func append(_ name: String, _ value: String?) {
        bytes.append(contentsOf: name.utf8)
        switch value {
        case nil: bytes.append(UInt8(ascii: ":"))
        case ""?: bytes.append(UInt8(ascii: ";"))
        case let value?:
            bytes.append(UInt8(ascii: ":"))
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: value.utf8)
        }
        bytes.append(0)
        count += 1
    }
}
