import BatutaHTTP

/// One route: what it answers to, who may call it, and what the OpenAPI document says of it.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Call) async throws -> HTTPResponse

    let method: HTTPMethod
    let path: String
    let summary: String
    /// Query parameters that it knows.
    let query: [String]
    /// Whether others may add parameters that it does not know: a service that sends a browser back says what it likes.
    let isQueryOpen: Bool
    let role: Role
    /// A field of the answer that is shown once: it is not kept for a repeated `Idempotency-Key`.
    let secret: String?
    /// Fields of the body that do not go into the fingerprint of an `Idempotency-Key`: a hash of a password that is made fast is guessed fast.
    let sensitive: [String]
    /// Whether what was asked and answered is kept under an `Idempotency-Key`. Not where a secret is asked with: not even its hash is kept,
    /// and asking twice comes to the same.
    let keepsUse: Bool
    /// Whether the handler commits the use of an `Idempotency-Key` together with what it makes. Elsewhere the use is reserved before.
    let commitsUse: Bool
    /// Bytes of a body that the handler reads as it comes; nil for the usual: up to 1 MiB, read before.
    let streamedBody: Int?
    let handler: Handler

    init(
        _ method: HTTPMethod,
        _ path: String,
        _ summary: String,
        query: [String] = [],
        isQueryOpen: Bool = false,
        role: Role = .viewer,
        secret: String? = nil,
        sensitive: [String] = [],
        keepsUse: Bool = true,
        commitsUse: Bool = false,
        streamedBody: Int? = nil,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.query = query
        self.isQueryOpen = isQueryOpen
        self.role = role
        self.secret = secret
        self.sensitive = sensitive
        self.keepsUse = keepsUse
        self.commitsUse = commitsUse
        self.streamedBody = streamedBody
        self.handler = handler
    }
}

/// The routes of one capability.
protocol EndpointGroup: Sendable {
    var endpoints: [Endpoint] { get }
}
