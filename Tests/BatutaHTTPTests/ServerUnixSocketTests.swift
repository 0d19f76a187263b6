import BatutaHTTP
import Glibc
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerUnixSocketTests {
    private func temporaryPath() -> String { "/tmp/batuta-http-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock" }

    private func server(_ path: String, tcp: Bool = false) throws -> HTTPServer {
        var router = Router()
        router.get("/who") { request in .text("\(request.isUnixSocket) \(request.remoteAddress)") }
        var configuration = HTTPServer.Configuration()
        configuration.unixSocket = path
        if !tcp { configuration.host = nil }
        return try HTTPServer(configuration: configuration, router: router)
    }

    private func who(_ socket: RawSocket) throws -> String {
        try socket.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
        return try socket.response().body
    }

    @Test func `only this user can open it, requests know where they came from, and it goes with the server`() async throws {
        let path = temporaryPath()
        let server = try server(path, tcp: true)
        let address = try server.start()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let answers = try await blocking { try [who(RawSocket(unixPath: path)), who(RawSocket(port: address.port))] }
        #expect(answers == ["true unix", "false 127.0.0.1"])
        await server.drain(deadline: .zero)
        #expect(stat(path, &status) != 0)
    }

    @Test func `one left over by a dead process is replaced, a living one is not`() async throws {
        let path = temporaryPath()
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        close(dead)
        #expect(bound == 0)
        let first = try server(path)
        try first.start()
        let error = #expect(throws: HTTPServerError.self) { try server(path).start() }
        #expect(error?.code == .addressInUse)
        let answer = try await blocking { try who(RawSocket(unixPath: path)) }
        #expect(answer == "true unix")
        await first.drain(deadline: .zero)
    }

    @Test func `a path that is too long is refused with words`() throws {
        let error = #expect(throws: HTTPServerError.self) { try server("/tmp/" + String(repeating: "x", count: 200)).start() }
        #expect(error?.message.contains("107") == true)
    }
}
