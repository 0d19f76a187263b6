import CFloor
import Glibc

/// Asks a server on loopback the same again and again over keep-alive connections, each the next as soon as its answer is whole. One
/// thread and poll(2), so that little but the server is at work.
struct LoadGenerator {
    var port: Int
    var request: [UInt8]
    /// What every good answer holds.
    var sign: StaticString

    /// Sends so many requests, so many at once. Throws when one is refused, or nothing comes for ten seconds.
    func perform(_ count: Int, atOnce: Int) throws -> [LoadAnswer] {
        let connections = try (0..<min(atOnce, count)).map { _ in try LoadConnection(port: port) }
        var watched = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        for connection in connections { try connection.send(request) }
        var left = count - connections.count
        var answers: [LoadAnswer] = []
        answers.reserveCapacity(count)
        while answers.count < count {
            guard poll(&watched, nfds_t(watched.count), 10_000) > 0 else { throw BenchError("the server on port \(port) is silent") }
            for (index, connection) in connections.enumerated() where watched[index].revents != 0 {
                guard let answer = try connection.receive(sign) else { continue }
                answers.append(answer)
                guard left > 0 else {
                    watched[index].fd = -1
                    continue
                }
                left -= 1
                try connection.send(request)
            }
        }
        return answers
    }
}

/// When what came of one answer: seconds since its request was sent.
struct LoadAnswer {
    /// The first server-sent event; 0 when the answer is no stream.
    var firstEvent = 0.0
    /// The first event with text of the model; 0 when there is none.
    var firstText = 0.0
    var end = 0.0
}

/// One connection to a server on loopback, with one request in flight.
final class LoadConnection {
    let descriptor: Int32
    private var received: [UInt8] = []
    private var sentAt = 0.0
    private var answer = LoadAnswer()

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("no socket: errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else {
            let code = errno
            close(descriptor)
            throw BenchError("127.0.0.1:\(port) does not answer: errno \(code)")
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    func send(_ request: [UInt8]) throws {
        received.removeAll(keepingCapacity: true)
        answer = LoadAnswer()
        sentAt = monotonicSeconds()
        guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchError("the server takes no request: errno \(errno)")
        }
    }

    /// Reads what is there, or waits for it; the answer when it is whole and good.
    func receive(_ sign: StaticString) throws -> LoadAnswer? {
        try read()
        guard let head = received.place(of: "\r\n\r\n") else { return nil }
        let now = monotonicSeconds() - sentAt
        if answer.firstEvent == 0, received.place(of: "data:", from: head) != nil { answer.firstEvent = now }
        if answer.firstText == 0, received.place(of: "\"type\":\"content\"", from: head) != nil { answer.firstText = now }
        guard isWhole(head: head) else { return nil }
        guard received.starts(with: "HTTP/1.1 2".utf8), received.place(of: sign) != nil else {
            throw BenchError("the server says: \(String(decoding: received.prefix(2_000), as: UTF8.self))")
        }
        answer.end = now
        return answer
    }

    /// The number of the last server-sent event of the last answer; 0 when it had none.
    var lastNumber: Int {
        let lines = String(decoding: received, as: UTF8.self).split(separator: "\n")
        return lines.last { $0.hasPrefix("id: ") }.flatMap { Int($0.dropFirst(4).prefix { $0.isNumber }) } ?? 0
    }

    /// One request and the text of its answer.
    func ask(_ request: [UInt8], sign: StaticString = "") throws -> String {
        try send(request)
        while try receive(sign) == nil {}
        return String(decoding: received, as: UTF8.self)
    }

    /// Returns when the head of a good answer has come.
    func receiveHead() throws {
        while received.place(of: "\r\n\r\n") == nil { try read() }
        guard received.starts(with: "HTTP/1.1 2".utf8) else { throw BenchError("refused: \(String(decoding: received, as: UTF8.self))") }
    }

    private func read() throws {
        let known = received.count
        let room = 32 << 10
        received.append(contentsOf: repeatElement(0, count: room))
        let count = received.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: known), room, 0) }
        received.removeLast(room - max(0, count))
        guard count > 0 else { throw BenchError("the server closed the connection: errno \(errno)") }
    }

    private func isWhole(head: Int) -> Bool {
        if let place = received.place(of: "Content-Length: "), place < head {
            let digits = received[(place + 16)...].prefix { (48...57).contains($0) }
            return received.count >= head + 4 + (Int(String(decoding: digits, as: UTF8.self)) ?? 0)
        }
        return received.suffix(7).elementsEqual("\r\n0\r\n\r\n".utf8)
    }
}

extension [UInt8] {
    /// Where the text occurs first; an empty text is at the start.
    func place(of text: StaticString, from start: Int = 0) -> Int? {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start <= bytes.count else { return nil }
            let place = cfloor_place(base + start, UInt(bytes.count - start), text.utf8Start, UInt(text.utf8CodeUnitCount))
            return place < 0 ? nil : start + place
        }
    }
}
