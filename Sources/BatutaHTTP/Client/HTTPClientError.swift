/// Why an exchange with a server gave no complete response.
public struct HTTPClientError: Error, Sendable, Equatable {
    public var code: Code
    /// What happened and what to do. Names the origin at most: never user information, path, query, headers or body.
    public var message: String
    /// Whether the request may have reached a server. A call that is not idempotent is repeated only when this is false.
    public var wasSent: Bool

    /// Raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// The name has no address.
        case unknownHost = "unknown_host"
        /// Nobody listens at the address.
        case connectionRefused = "connection_refused"
        /// No connection, for another reason than the two before.
        case connectFailed = "connect_failed"
        /// No connection within `Timeouts.connect`, name lookup and TLS included.
        case connectTimeout = "connect_timeout"
        /// Nothing of the response head came within `Timeouts.firstByte`.
        case firstByteTimeout = "first_byte_timeout"
        /// The server fell silent for `Timeouts.betweenBytes` in the middle of a response.
        case idleTimeout = "idle_timeout"
        /// The exchange took longer than `Timeouts.total`.
        case totalTimeout = "total_timeout"
        /// TLS could not be agreed, or the certificate was refused.
        case tlsFailed = "tls_failed"
        /// The connection ended before the response did.
        case connectionLost = "connection_lost"
        /// Head or body passed the limit of the request.
        case tooLarge = "too_large"
        case tooManyRedirects = "too_many_redirects"
        /// The address, or a redirection from https to http, is not allowed for this request.
        case egressRefused = "egress_refused"
        /// No http or https URL.
        case badURL = "bad_url"
        /// A method or header that cannot be sent: a line break or a zero inside, or no token.
        case badRequest = "bad_request"
        /// The server did not speak HTTP.
        case badResponse = "bad_response"
        /// The caller's task was cancelled, or the client shut down.
        case cancelled
    }

    public init(_ code: Code, _ message: String, wasSent: Bool = false) {
        self.code = code
        self.message = message
        self.wasSent = wasSent
    }

    /// Whether the same request may succeed later. Says nothing about whether repeating it is safe: see `wasSent`.
    public var isRetryable: Bool {
        switch code {
        case .unknownHost, .connectionRefused, .connectFailed, .connectTimeout, .firstByteTimeout, .idleTimeout, .totalTimeout,
            .connectionLost, .badResponse:
            true
        case .tlsFailed, .tooLarge, .tooManyRedirects, .egressRefused, .badURL, .badRequest, .cancelled: false
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(message)" }
}
