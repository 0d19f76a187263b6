/// A handler that may await; a task of the request's, cancelled when the peer leaves.
public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

/// Something around handlers, outermost first: looks at the request, calls `next` (or not), looks at the response.
public struct Middleware: Sendable {
    let around: @Sendable (HTTPRequest, _ next: Handler) async throws -> HTTPResponse

    /// Middleware from a function.
    public init(_ around: @escaping @Sendable (HTTPRequest, _ next: Handler) async throws -> HTTPResponse) { self.around = around }

    func wrap(_ handler: @escaping Handler) -> Handler {
        { [around] request in try await around(request, handler) }
    }
}

/// Where a handler's task runs.
public enum HandlerPlacement: Sendable, Hashable {
    /// On the connection's loop: no thread is woken. For handlers that compute less than 200 µs between awaits.
    case loop
    /// On the cooperative pool, for those that compute more.
    case pool
}

/// One entry of the routing table.
public struct Route: Sendable {
    /// The method it answers.
    public let method: HTTPMethod
    /// Such as `/v1/sessions/{id}`; a last part `{name...}` takes the rest of the path.
    public let pattern: String
    /// Bytes of body it takes.
    public let bodyLimit: Int
    let handler: RouteHandler
}

enum RouteHandler: Sendable {
    case inline(@Sendable (HTTPRequest) throws -> HTTPResponse)
    case task(Handler, HandlerPlacement)
}

/// Which handler answers which method and path. A value that is built at start and then given to the server.
public struct Router: Sendable {
    /// Every route in the order of registration, for documents and tests.
    public private(set) var routes: [Route] = []
    private let prefix: String
    private let middleware: [Middleware]
    private let bodyLimit: Int

    /// - Parameter bodyLimit: bytes of body that a route takes unless it says otherwise; above it the server answers 413.
    public init(middleware: [Middleware] = [], bodyLimit: Int = 1_048_576) {
        self.init(prefix: "", middleware: middleware, bodyLimit: bodyLimit)
    }

    private init(prefix: String, middleware: [Middleware], bodyLimit: Int) {
        self.prefix = prefix
        self.middleware = middleware
        self.bodyLimit = bodyLimit
    }

    /// Adds a handler that may await. `HEAD` is answered from `GET`, `OPTIONS` from the routes of a path.
    public mutating func on(
        _ method: HTTPMethod,
        _ pattern: String,
        bodyLimit: Int? = nil,
        runs placement: HandlerPlacement = .loop,
        _ handler: @escaping Handler
    ) {
        let wrapped = middleware.reversed().reduce(handler) { $1.wrap($0) }
        add(method, pattern, bodyLimit, .task(wrapped, placement))
    }

    /// Adds a handler that is answered on the connection's thread, with no task, as soon as its whole body is there. It must not block.
    /// Under middleware it becomes an ordinary handler.
    public mutating func inline(
        _ method: HTTPMethod,
        _ pattern: String,
        bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
    ) {
        guard middleware.isEmpty else { return on(method, pattern, bodyLimit: bodyLimit) { try handler($0) } }
        add(method, pattern, bodyLimit, .inline(handler))
    }

    /// Adds a handler for `GET`.
    public mutating func get(_ pattern: String, _ handler: @escaping Handler) { on(.get, pattern, handler) }
    /// Adds a handler for `POST`.
    public mutating func post(_ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping Handler) {
        on(.post, pattern, bodyLimit: bodyLimit, handler)
    }
    /// Adds a handler for `PUT`.
    public mutating func put(_ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping Handler) {
        on(.put, pattern, bodyLimit: bodyLimit, handler)
    }
    /// Adds a handler for `PATCH`.
    public mutating func patch(_ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping Handler) {
        on(.patch, pattern, bodyLimit: bodyLimit, handler)
    }
    /// Adds a handler for `DELETE`.
    public mutating func delete(_ pattern: String, _ handler: @escaping Handler) { on(.delete, pattern, handler) }

    /// Routes under a common beginning of the path, inside further middleware.
    public mutating func group(
        _ prefix: String = "",
        middleware inner: [Middleware] = [],
        bodyLimit: Int? = nil,
        _ build: (inout Router) throws -> Void
    ) rethrows {
        var group = Router(prefix: self.prefix + prefix, middleware: middleware + inner, bodyLimit: bodyLimit ?? self.bodyLimit)
        try build(&group)
        routes += group.routes
    }

    private mutating func add(_ method: HTTPMethod, _ pattern: String, _ limit: Int?, _ handler: RouteHandler) {
        routes.append(Route(method: method, pattern: prefix + pattern, bodyLimit: limit ?? bodyLimit, handler: handler))
    }
}
