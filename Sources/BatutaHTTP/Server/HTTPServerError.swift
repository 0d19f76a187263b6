/// What the server itself could not do.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, as a stable word.
    public enum Code: String, Sendable, CaseIterable {
        /// Another process listens on the port or socket.
        case addressInUse = "address_in_use"
        /// The address could not be listened on for another reason.
        case bindFailed = "bind_failed"
        /// A route's pattern cannot be read, or two routes are the same.
        case invalidRoute = "invalid_route"
        /// The server was started before.
        case alreadyStarted = "already_started"
        /// The response is over: the peer left, a time limit passed, or the server drains.
        case peerLeft = "peer_left"
    }

    /// For programs.
    public let code: Code
    /// What happened and what to do.
    public let message: String
    /// The address or the path that could not be listened on.
    public let place: String?

    /// An error with its words.
    public init(_ code: Code, _ message: String, place: String? = nil) {
        self.code = code
        self.message = message
        self.place = place
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
