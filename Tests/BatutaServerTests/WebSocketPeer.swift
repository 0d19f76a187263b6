import BatutaCore
import Foundation
import Glibc
import Synchronization

/// The client's end of a WebSocket, by the letter of RFC 6455, on a socket of its own.
final class WebSocketPeer: Sendable {
    enum Message: Sendable, Equatable {
        case text(JSON)
        case close(code: UInt16)
        /// The connection is over.
        case gone
    }

    let status: Int
    private let descriptor: Int32
    private let unread: Mutex<[UInt8]>

    private init(descriptor: Int32, status: Int, unread: [UInt8]) {
        self.descriptor = descriptor
        self.status = status
        self.unread = Mutex(unread)
    }

    deinit { Glibc.close(descriptor) }

    static func open(_ bench: ServerBench, _ path: String, key: String? = nil, cookie: String? = nil, headers: [String] = []) async
        -> WebSocketPeer
    {
        let port = UInt16(bench.base.split(separator: ":").last ?? "") ?? 0
        let lines =
            [
                "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                cookie.map { "Cookie: batuta_session=\($0)" } ?? "Authorization: Bearer \(key ?? bench.key)",
            ] + headers
        return await onThread {
            let descriptor = connected(to: port)
            write(descriptor, Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
            var bytes: [UInt8] = []
            while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil, let more = read(descriptor) { bytes += more }
            let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? bytes.endIndex
            let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", maxSplits: 2)
            return WebSocketPeer(descriptor: descriptor, status: words.count > 1 ? Int(words[1]) ?? 0 : 0, unread: Array(bytes[end...]))
        }
    }

    func send(_ json: JSON) { send(bytes: json.bytes) }

    /// One masked text frame.
    func send(bytes: [UInt8]) {
        var frame: [UInt8] = [0x81]
        switch bytes.count {
        case ..<126: frame.append(0x80 | UInt8(bytes.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8((UInt64(bytes.count) >> (56 - 8 * UInt64($0))) & 255) }
        }
        Self.write(descriptor, frame + [0, 0, 0, 0] + bytes)
    }

    /// The next message; pings are passed over.
    func next() async -> Message {
        while true {
            if let message = unread.withLock({ Self.cut(&$0) }) { return message }
            let descriptor = descriptor
            guard let more = await Self.onThread({ Self.read(descriptor) }) else { return .gone }
            unread.withLock { $0 += more }
        }
    }

    /// Messages up to one that fits, which comes last; it is missing when the socket closed before.
    func collect(until fits: (JSON) -> Bool) async -> [JSON] {
        var messages: [JSON] = []
        while case .text(let json) = await next() {
            messages.append(json)
            if fits(json) { break }
        }
        return messages
    }

    /// The answer to a frame of ours.
    func answer() async -> JSON { await collect { $0["type"] == "ack" || $0["type"] == "nack" }.last ?? .null }

    /// The close code, after whatever comes before it; nil when the connection just ended.
    func closeCode() async -> UInt16? {
        while true {
            switch await next() {
            case .text: continue
            case .close(let code): return code
            case .gone: return nil
            }
        }
    }

    private static func cut(_ bytes: inout [UInt8]) -> Message? {
        while bytes.count >= 2 {
            var (length, start) = (Int(bytes[1] & 127), 2)
            let extra = length == 126 ? 2 : length == 127 ? 8 : 0
            guard bytes.count >= 2 + extra else { return nil }
            if extra > 0 {
                length = bytes[2..<(2 + extra)].reduce(0) { $0 << 8 | Int($1) }
                start += extra
            }
            guard bytes.count >= start + length else { return nil }
            let (code, payload) = (bytes[0] & 15, Array(bytes[start..<(start + length)]))
            bytes.removeFirst(start + length)
            if code == 1 { return .text((try? JSON.parse(payload)) ?? .null) }
            if code == 8 { return .close(code: payload.count < 2 ? 1005 : UInt16(payload[0]) << 8 | UInt16(payload[1])) }
        }
        return nil
    }

    // MARK: The socket

    private static func connected(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var patience = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// nil at the end.
    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    /// Waiting for a peer must not hold a thread that the server under test may need.
    private static func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in Thread.detachNewThread { continuation.resume(returning: work()) } }
    }
}
