import Dispatch
import Glibc
import Synchronization

/// An HTTP server of the tests' own, on raw sockets, so that it can hang, cut, and lie. One request per connection.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        var line: String
        var headers: [(name: String, value: String)]
        var body: String

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    enum Reply: Sendable {
        case answer(Int, headers: [String] = [], type: String = "application/json", body: String = "{}")
        /// Promises more than it sends.
        case cutBody(String)
        /// Closes without a byte.
        case cut
        /// Never answers.
        case hang
        case raw(String)
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex((requests: [Request](), open: [Int32]()))
    private let reply: @Sendable (Request, Int) -> Reply

    /// `reply` gets the request and its number, from 0.
    init(_ reply: @escaping @Sendable (Request, Int) -> Reply) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, length) == 0 && listen(fd, 64) == 0 && getsockname(fd, $0, &length) == 0
            }
        }
        guard bound else { throw CancellationError() }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.reply = reply
        DispatchQueue(label: "loopback").async { [self] in acceptAll() }
    }

    var base: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    /// Ends the server; connections that hang are closed.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for fd in state.open { close(fd) }
            state.open = []
        }
    }

    private func acceptAll() {
        while true {
            let fd = accept(listener, nil, nil)
            guard fd >= 0 else {
                // Closed by the thread that accepts: the number may belong to somebody else right after.
                close(listener)
                return
            }
            _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
            DispatchQueue.global().async { [self] in serve(fd) }
        }
    }

    private func serve(_ fd: Int32) {
        guard let request = Self.read(fd) else {
            close(fd)
            return
        }
        let number = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        switch reply(request, number) {
        case .hang: state.withLock { $0.open.append(fd) }
        case .cut: close(fd)
        case .raw(let text): Self.finish(fd, text)
        case .cutBody(let body):
            Self.finish(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count + 100)\r\n\r\n\(body)")
        case .answer(let status, let headers, let type, let body):
            let lines =
                ["HTTP/1.1 \(status) Whatever", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)", "Connection: close"]
                + headers
            Self.finish(fd, lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }
    }

    private static func finish(_ fd: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { break }
            bytes = bytes.dropFirst(sent)
        }
        close(fd)
    }

    private static func read(_ fd: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let request = parse(String(decoding: bytes, as: UTF8.self)) { return request }
            let count = recv(fd, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: chunk[0..<count])
        }
    }

    private static func parse(_ text: String) -> Request? {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let body = String(text[end.upperBound...])
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard body.utf8.count >= length, let line = lines.first else { return nil }
        return Request(line: String(line), headers: headers, body: body)
    }
}
