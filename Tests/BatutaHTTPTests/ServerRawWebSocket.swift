/// Enough of a WebSocket client to be a bad one: every frame is put together by hand.
final class RawWebSocket: @unchecked Sendable {
    // SAFETY: used by one test at a time.
    let socket: RawSocket

    /// Sends the handshake; the answer's status is for the test to look at.
    init(port: UInt16, path: String = "/ws", version: String = "13") throws {
        socket = try RawSocket(port: port)
        try socket.send(
            "GET \(path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: \(version)\r\n\r\n"
        )
    }

    /// A socket that is open.
    static func open(port: UInt16, path: String = "/ws") throws -> RawWebSocket {
        let opened = try RawWebSocket(port: port, path: path)
        let answer = try opened.socket.response()
        guard answer.status == 101, answer.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            throw RawFailure(what: "handshake: \(answer)")
        }
        return opened
    }

    static func frame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true, masked: Bool = true, reserved: UInt8 = 0) -> [UInt8] {
        var bytes: [UInt8] = [(final ? 0x80 : 0) | reserved | opcode]
        let flag: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(flag | UInt8(payload.count))
        case ..<65_536: bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [flag | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        if masked { bytes += mask }
        return bytes + payload.enumerated().map { masked ? $1 ^ mask[$0 % 4] : $1 }
    }

    func send(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true) throws {
        try socket.send(Self.frame(opcode, payload, final: final))
    }

    /// One frame: its first byte and its payload.
    func receive() throws -> (first: UInt8, payload: [UInt8]) {
        let head = try socket.readBytes(count: 2)
        var count = Int(head[1] & 0x7F)
        if count == 126 { count = try socket.readBytes(count: 2).reduce(0) { $0 << 8 | Int($1) } }
        if count == 127 { count = try socket.readBytes(count: 8).reduce(0) { $0 << 8 | Int($1) } }
        return try (head[0], socket.readBytes(count: count))
    }

    /// The code of the close frame, which must come next (pings aside).
    func closeCode() throws -> Int {
        while true {
            let frame = try receive()
            if frame.first == 0x89 { continue }
            guard frame.first == 0x88 else { throw RawFailure(what: "no close frame: \(frame)") }
            return frame.payload.count < 2 ? 1005 : Int(frame.payload[0]) << 8 | Int(frame.payload[1])
        }
    }
}
