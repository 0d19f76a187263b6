/// A request whose head has arrived. A value: middleware may change a copy and hand that on.
public struct HTTPRequest: Sendable {
    /// A name for logs and problem bodies: the client's `X-Request-Id` when it is a plain word, else made here.
    public var id: String
    /// As sent; see `HTTPMethod`.
    public var method: HTTPMethod
    /// As it came, still encoded.
    public var target: String
    /// The path's parts, percent-decoded; a part may hold a decoded `/`.
    public var path: [String]
    /// All fields, in order.
    public var headers: HTTPHeaders
    /// What the route's `{name}` parts stand for.
    public var parameters: PathParameters = PathParameters()
    /// The route's pattern, for metrics and logs.
    public var route: String = ""
    /// The peer's IP address in text form, or `unix`. Behind a proxy this is the proxy.
    public var remoteAddress: String
    /// Whether it came through the Unix socket, which only this system user can open.
    public var isUnixSocket: Bool
    /// Whether it asks to become a WebSocket.
    public var isWebSocket: Bool
    /// Empty unless the request has one.
    public var body: HTTPBody
    /// What middleware found out, by type: see `subscript(type:)`.
    private var attachments: [ObjectIdentifier: any Sendable] = [:]
    var rawQuery: Substring

    init(
        id: String,
        method: HTTPMethod,
        target: String,
        parts: RequestTarget,
        headers: HTTPHeaders,
        remote: String,
        isUnix: Bool,
        isWebSocket: Bool
    ) {
        self.id = id
        self.method = method
        self.target = target
        self.path = parts.segments
        self.rawQuery = parts.query
        self.headers = headers
        self.remoteAddress = remote
        self.isUnixSocket = isUnix
        self.isWebSocket = isWebSocket
        self.body = HTTPBody(bytes: [])
    }

    /// A request for tests of handlers, without a server. nil when the target is not one.
    public init?(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        guard let parts = RequestTarget(target) else { return nil }
        self.init(
            id: "req_test",
            method: method,
            target: target,
            parts: parts,
            headers: headers,
            remote: "127.0.0.1",
            isUnix: false,
            isWebSocket: false
        )
        self.body = HTTPBody(bytes: body)
    }

    /// The query's items, decoded anew at each use.
    public var query: HTTPQuery { HTTPQuery(rawQuery) }

    /// A value that middleware attached, such as who is calling: `request[Caller.self] = caller`.
    public subscript<Value: Sendable>(type: Value.Type) -> Value? {
        get { attachments[ObjectIdentifier(type)] as? Value }
        set { attachments[ObjectIdentifier(type)] = newValue }
    }
}

/// What the `{name}` parts of a route's pattern matched.
public struct PathParameters: Sendable {
    private var pairs: [(name: String, value: String)] = []

    /// No parameters.
    public init() {}

    /// Empty when the pattern has no such part, which no request can cause.
    public subscript(name: String) -> String { pairs.first { $0.name == name }?.value ?? "" }

    mutating func add(_ name: String, _ value: String) { pairs.append((name, value)) }
}
