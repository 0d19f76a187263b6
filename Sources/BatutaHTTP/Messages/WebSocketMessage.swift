/// One whole message of a WebSocket (RFC 6455 §5.6). Text was checked to be UTF-8 where it came in.
public struct WebSocketMessage: Sendable, Hashable {
    /// What the sender says the bytes are.
    public enum Kind: Sendable, Hashable { case text, binary }

    /// Text or binary.
    public var kind: Kind
    /// The payload.
    public var bytes: [UInt8]

    public init(kind: Kind, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// A text message.
    public static func text(_ text: String) -> WebSocketMessage { WebSocketMessage(kind: .text, bytes: Array(text.utf8)) }
    /// A binary message.
    public static func binary(_ bytes: [UInt8]) -> WebSocketMessage { WebSocketMessage(kind: .binary, bytes: bytes) }

    /// The bytes as text; what is no UTF-8 in a binary message is replaced.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Why a WebSocket was closed (RFC 6455 §7.4.1).
public struct WebSocketCloseCode: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The number.
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(integerLiteral value: UInt16) { self.rawValue = value }

    /// The conversation is over.
    public static let done: WebSocketCloseCode = 1000
    /// The server drains or the page was left.
    public static let goingAway: WebSocketCloseCode = 1001
    /// The close frame gave no code; never sent.
    public static let noCode: WebSocketCloseCode = 1005
    /// The connection broke; never sent.
    public static let abnormal: WebSocketCloseCode = 1006
    /// The caller may no longer listen.
    public static let notAllowed: WebSocketCloseCode = 1008
    /// A message was over the limit.
    public static let tooBig: WebSocketCloseCode = 1009
    /// The handler failed.
    public static let internalError: WebSocketCloseCode = 1011
    /// Come back later.
    public static let overload: WebSocketCloseCode = 1013
}
