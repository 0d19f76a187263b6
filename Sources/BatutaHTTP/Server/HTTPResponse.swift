/// What a handler answers. `Date`, `Content-Length`, `Transfer-Encoding` and `Connection` are the server's; given here they are left out.
public struct HTTPResponse: Sendable {
    /// How the content comes about.
    public enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Written while the function runs; ended when it returns, cut off when it throws.
        case stream(length: Int? = nil, @Sendable (HTTPResponseWriter) async throws -> Void)
        /// Outlives the handler, with no task: stays open until `finish()`, `abort()`, the peer leaves or the server drains.
        case detachedStream(heartbeat: Heartbeat? = nil, @Sendable (HTTPResponseWriter) -> Void)
        /// Closed with 1000 when the function returns, 1011 when it throws.
        case webSocket(@Sendable (ServerWebSocket) async throws -> Void)
        /// Outlives the handler, with no task: see `ServerWebSocket.onMessage`.
        case detachedWebSocket(@Sendable (ServerWebSocket) -> Void)
    }

    /// Bytes written whenever a stream was silent for so long. Such a stream also ends by itself when the server drains.
    public struct Heartbeat: Sendable {
        /// What is written, such as a comment of an event stream.
        public var bytes: [UInt8]
        /// How long a silence may last.
        public var every: Duration

        /// Any bytes, at any interval.
        public init(bytes: [UInt8], every: Duration) {
            self.bytes = bytes
            self.every = every
        }

        /// A comment line every 15 s, which proxies take for traffic.
        public static let comment = Heartbeat(bytes: ServerSentEvent.comment(), every: .seconds(15))
    }

    /// 200 unless set.
    public var status: HTTPStatus
    /// Fields with a broken name or value are left out when sending.
    public var headers: HTTPHeaders
    /// What follows the head.
    public var body: Body

    /// A response from its parts.
    public init(status: HTTPStatus = .ok, headers: HTTPHeaders = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Bytes that are JSON already.
    public static func json(_ bytes: [UInt8], status: HTTPStatus = .ok, headers: HTTPHeaders = [:]) -> HTTPResponse {
        bytes.response(status, "application/json", headers)
    }

    /// Plain text.
    public static func text(_ text: String, status: HTTPStatus = .ok, headers: HTTPHeaders = [:]) -> HTTPResponse {
        Array(text.utf8).response(status, "text/plain; charset=utf-8", headers)
    }

    /// A page.
    public static func html(_ text: String, status: HTTPStatus = .ok, headers: HTTPHeaders = [:]) -> HTTPResponse {
        Array(text.utf8).response(status, "text/html; charset=utf-8", headers)
    }

    /// 204.
    public static func noContent(headers: HTTPHeaders = [:]) -> HTTPResponse { HTTPResponse(status: .noContent, headers: headers) }

    /// An event stream that lives on without a task; the function registers the writer with whoever has the events.
    public static func events(
        heartbeat: Heartbeat? = .comment,
        headers: HTTPHeaders = [:],
        _ register: @escaping @Sendable (HTTPResponseWriter) -> Void
    ) -> HTTPResponse {
        HTTPResponse(headers: eventStream(headers), body: .detachedStream(heartbeat: heartbeat, register))
    }

    /// An event stream written by a function.
    public static func eventStream(
        heartbeat: Heartbeat? = .comment,
        headers: HTTPHeaders = [:],
        _ write: @escaping @Sendable (HTTPResponseWriter) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(
            headers: eventStream(headers),
            body: .stream { writer in
                if let heartbeat { writer.keepAlive(heartbeat) }
                try await write(writer)
            }
        )
    }

    private static func eventStream(_ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        headers["Content-Type"] = "text/event-stream"
        headers["Cache-Control"] = "no-store"
        headers["X-Accel-Buffering"] = "no"
        return headers
    }
}

extension [UInt8] {
    fileprivate func response(_ status: HTTPStatus, _ type: String, _ headers: HTTPHeaders) -> HTTPResponse {
        var headers = headers
        if !headers.contains("Content-Type") { headers.add("Content-Type", type) }
        return HTTPResponse(status: status, headers: headers, body: .bytes(self))
    }
}
