import CBeast

/// A Swift closure as the C side's one-time callback.
final class Reader: Sendable {
    struct Part: Sendable {
        var kind: Int
        var bytes: [UInt8]
        var code: Int

        var message: WebSocketMessage? {
            switch kind {
            case CB_TEXT: WebSocketMessage(kind: .text, bytes: bytes)
            case CB_BINARY: WebSocketMessage(kind: .binary, bytes: bytes)
            default: nil
            }
        }
    }

    private let receive: @Sendable (Part) -> Void

    init(_ receive: @escaping @Sendable (Part) -> Void) { self.receive = receive }

    static let callback: cb_receive = { context, kind, bytes, count, code in
        guard let context else { return }
        let part = Part(kind: Int(kind), bytes: Array(UnsafeBufferPointer(start: bytes, count: count)), code: Int(code))
        Unmanaged<Reader>.fromOpaque(context).takeRetainedValue().receive(part)
    }
}
