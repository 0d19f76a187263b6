import Glibc
import Testing

/// A blocking client socket on a thread of the test's own, with a limit on every wait.
final class RawSocket: @unchecked Sendable {
    // SAFETY: a descriptor used by one test at a time.
    let fd: Int32
    private(set) var pending: [UInt8] = []

    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer { setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try connect(&address)
    }

    init(unixPath: String) throws {
        fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: unixPath.utf8) }
        try connect(&address)
    }

    deinit { close(fd) }

    private func connect<Address>(_ address: inout Address) throws {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<Address>.size)
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(fd, $0, size) != 0 }
        }
        if failed { throw RawFailure(what: "connect: \(errno)") }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(fd, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw RawFailure(what: "send: \(errno)") }
            sent += count
        }
    }

    /// False when the peer takes nothing for so long.
    func sendWithin(milliseconds: Int, _ bytes: [UInt8]) -> Bool {
        var limit = timeval(tv_sec: 0, tv_usec: milliseconds * 1_000)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        do { try send(bytes) } catch { return false }
        return true
    }

    func shutdownWriting() { shutdown(fd, Int32(SHUT_WR)) }

    /// Closes with a reset in place of a farewell.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(fd, Int32(SHUT_RDWR))
    }

    /// False at the end of the stream.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(fd, &buffer, buffer.count, 0)
        if count < 0, errno == ECONNRESET { return false }
        guard count >= 0 else { throw RawFailure(what: errno == EAGAIN ? "nothing came within 10 s" : "recv: \(errno)") }
        pending.append(contentsOf: buffer[..<count])
        return count > 0
    }

    func read(upTo mark: String) throws -> String {
        let mark = Array(mark.utf8)
        while true {
            if let end = pending.firstRange(of: mark)?.upperBound { return take(end) }
            guard try receive() else { throw RawFailure(what: "ended after: \(String(decoding: pending, as: UTF8.self))") }
        }
    }

    func readBytes(count: Int) throws -> [UInt8] {
        while pending.count < count {
            guard try receive() else { throw RawFailure(what: "ended \(count - pending.count) bytes early") }
        }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }

    func readToEnd() throws -> String {
        while try receive() {}
        return take(pending.count)
    }

    private func take(_ count: Int) -> String {
        defer { pending.removeFirst(count) }
        return String(decoding: pending.prefix(count), as: UTF8.self)
    }

    /// One response with a Content-Length, or without a body.
    func response() throws -> RawResponse {
        let head = try read(upTo: "\r\n\r\n")
        let lines = head.split(separator: "\r\n").map(String.init)
        guard let first = lines.first, let status = Int(first.split(separator: " ").dropFirst().first ?? "") else {
            throw RawFailure(what: "no status line: \(head)")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
            fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
        let length = Int(fields["content-length"] ?? "0") ?? 0
        let body = try String(decoding: readBytes(count: length), as: UTF8.self)
        return RawResponse(status: status, fields: fields, body: body)
    }

    /// The payload of a chunked body up to its end.
    func chunks() throws -> [String] {
        var parts: [String] = []
        while true {
            let line = try read(upTo: "\r\n").dropLast()  // CRLF is one Character
            guard let size = Int(line, radix: 16) else { throw RawFailure(what: "no chunk size: \(line)") }
            let part = try String(decoding: readBytes(count: size), as: UTF8.self)
            _ = try read(upTo: "\r\n")
            guard size > 0 else { return parts }
            parts.append(part)
        }
    }
}

struct RawResponse {
    var status: Int
    var fields: [String: String]
    var body: String
}

struct RawFailure: Error, CustomStringConvertible {
    var what: String
    var description: String { what }
}
