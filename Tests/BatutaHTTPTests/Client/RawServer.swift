import Glibc
import Synchronization

/// A server that does exactly what a test says, byte by byte, one thread per connection.
final class RawServer: @unchecked Sendable {
    // SAFETY: the descriptor is set once; counters are atomic.
    let port: UInt16
    private let listener: Int32
    private let connections = Atomic<Int>(0)
    private let serve: @Sendable (RawConnection) -> Void

    /// On a port of 127.0.0.1, or on a Unix socket at `path`.
    init(path: String? = nil, _ serve: @escaping @Sendable (RawConnection) -> Void) {
        self.serve = serve
        (listener, port) = path.map { (RawServer.listenUnix($0), 0) } ?? RawServer.listenTCP()
        precondition(listener >= 0, "no socket for a test server")
        inThread { [self] in accept() }
    }

    /// Ends the thread that accepts; it holds the server until then.
    func stop() { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }

    var accepted: Int { connections.load(ordering: .sequentiallyConsistent) }
    var url: String { "http://127.0.0.1:\(port)" }

    /// No program that another test starts holds it open.
    private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            connections.add(1, ordering: .sequentiallyConsistent)
            let connection = RawConnection(descriptor)
            inThread { [self] in
                serve(connection)
                connection.close()
            }
        }
        Glibc.close(listener)
    }

    /// A port for a server that cannot be given a socket. The system gives out those from 32,768 on by itself, so it is none of them.
    static func freePort() -> UInt16? {
        for _ in 0..<100 {
            let (descriptor, port) = listenTCP(on: .random(in: 15_000..<32_000))
            guard descriptor >= 0 else { continue }
            Glibc.close(descriptor)
            return port
        }
        return nil
    }

    private static func listenTCP(on port: UInt16 = 0) -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, RawServer.stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let good = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 512) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        if !good { Glibc.close(descriptor) }
        return (good ? descriptor : -1, UInt16(bigEndian: address.sin_port))
    }

    private static func listenUnix(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, RawServer.stream, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        unlink(path)
        let good = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(descriptor, 16) == 0
            }
        }
        return good ? descriptor : -1
    }
}

/// One accepted connection, used by its own thread.
final class RawConnection: @unchecked Sendable {
    // SAFETY: used by the thread of its connection only.
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Head and body (by `Content-Length`) of the next request as one text, nil at the end of the connection.
    func readRequest() -> String? {
        while true {
            if let end = headEnd() {
                let head = String(decoding: buffer[..<end], as: UTF8.self)
                let total = end + RawConnection.contentLength(head)
                while buffer.count < total { if !fill() { return nil } }
                defer { buffer.removeFirst(total) }
                return String(decoding: buffer[..<total], as: UTF8.self)
            }
            if !fill() { return nil }
        }
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    func respond(_ body: String, status: String = "200 OK", headers: String = "") {
        write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Blocks until the peer closes; what it still sends is dropped.
    func waitForClose() { while fill() { buffer.removeAll() } }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        buffer.append(contentsOf: chunk[..<count])
        return true
    }

    private func headEnd() -> Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first { buffer[$0..<($0 + 4)].elementsEqual(mark) }.map { $0 + 4 }
    }

    private static func contentLength(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        return line.flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) } ?? 0
    }
}

/// A one-time signal that threads and tasks can both wait for.
final class ArrivalSignal: Sendable {
    private struct State {
        var isSet = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func set() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isSet = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if ready { continuation.resume() }
        }
    }

    /// For a server's thread.
    func block() { while !state.withLock({ $0.isSet }) { usleep(200) } }
}

/// A value behind a lock.
final class Locked<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}

func inThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        },
        context
    )
    pthread_detach(thread)
}
