/// One request of the HTTP client, with everything that bounds it.
public struct ClientRequest: Sendable {
    /// An HTTP method, in capitals.
    public var method: String
    /// Absolute, `http` or `https`.
    public var url: String
    public var headers: HTTPHeaders
    /// Nil sends none. A body without a `Content-Type` header is sent without one.
    public var body: [UInt8]?
    public var timeouts: Timeouts
    /// Most bytes of response body, counted after decompression.
    public var maximumBody: Int
    /// Most bytes of response head, interim responses and trailers included.
    public var maximumHeader: Int
    public var egress: EgressRule
    /// How many redirections to follow; 0 hands them to the caller as responses.
    public var maximumRedirects: Int
    /// Talk through this Unix socket; the URL then gives only host header and path.
    public var unixSocket: String?
    /// Honour `http_proxy`, `https_proxy`, `no_proxy`. Never done under `EgressRule.publicOnly`.
    public var followProxyEnvironment: Bool
    /// Ask for gzip or deflate and undo it. Switch it off where a proxy would hold a stream back to compress it.
    public var acceptsCompression: Bool
    /// Whether the request may leave twice, without the caller knowing, when a kept connection turns out dead before a byte of
    /// response came. Default: only methods that are idempotent (RFC 9110 §9.2.2), and any with an `Idempotency-Key`.
    public var mayRepeat: Bool?

    public init(
        method: String = "GET",
        url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        timeouts: Timeouts = Timeouts(),
        egress: EgressRule = .trusted
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.egress = egress
        maximumBody = 16 << 20
        maximumHeader = 64 << 10
        maximumRedirects = 0
        unixSocket = nil
        followProxyEnvironment = false
        acceptsCompression = true
        mayRepeat = nil
    }

    /// How long to wait for what; nil in `total` is no limit.
    public struct Timeouts: Sendable, Equatable {
        /// Name lookup, connection and TLS together.
        public var connect: Duration
        /// From the start of the exchange to the first byte of the response.
        public var firstByte: Duration
        /// The longest silence inside a response.
        public var betweenBytes: Duration
        /// The whole exchange, redirections included.
        public var total: Duration?

        /// Defaults are those of model calls (API §5).
        public init(
            connect: Duration = .seconds(10),
            firstByte: Duration = .seconds(60),
            betweenBytes: Duration = .seconds(30),
            total: Duration? = nil
        ) {
            self.connect = connect
            self.firstByte = firstByte
            self.betweenBytes = betweenBytes
            self.total = total
        }
    }

    var repeatsSafely: Bool {
        if let mayRepeat { return mayRepeat }
        return ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) || headers["Idempotency-Key"] != nil
    }
}

/// Status line and header fields of a response.
public struct ClientResponseHead: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    /// Where the response came from, after redirections.
    public var url: String

    public init(status: Int, headers: HTTPHeaders, url: String) {
        self.status = status
        self.headers = headers
        self.url = url
    }
}

/// A response with its whole body.
public struct ClientResponse: Sendable {
    public var head: ClientResponseHead
    public var body: [UInt8]

    public init(head: ClientResponseHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    public var status: Int { head.status }
    public var headers: HTTPHeaders { head.headers }
    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Whether a stream goes on.
public enum StreamDecision: Sendable {
    case more
    /// Enough: the connection is closed and the call returns as if the response ended here.
    case stop
    /// This was the last that is wanted. The response may still end by itself, so that its connection can be kept; what is left of it after a second
    /// is not waited for. Nothing more is shown.
    case last
}

/// Takes a response apart as it arrives. Called on the loop's thread, so: no blocking, little work.
public protocol ResponseConsumer: Sendable {
    /// The head of the final response; redirections that are followed do not show up.
    mutating func receive(head: ClientResponseHead) -> StreamDecision
    /// The next piece of the body; `bytes` is valid only during the call.
    mutating func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision
}
