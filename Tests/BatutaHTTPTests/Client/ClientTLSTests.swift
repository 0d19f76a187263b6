import BatutaHTTP
import Glibc
import Testing

@Suite(.enabled(if: access("/usr/bin/openssl", X_OK) == 0)) struct `HTTP client: TLS` {
    @Test func `only a certificate of a known authority for the right name is accepted`() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let trusting = try HTTPClient(.init(certificateFile: server.certificate))
        #expect(try await trusting.fetch(ClientRequest(url: "https://localhost:\(server.port)/")).status == 200)
        let wrongName = try await clientError { _ = try await trusting.fetch(ClientRequest(url: "https://127.0.0.1:\(server.port)/")) }
        #expect(wrongName.code == .tlsFailed)
        #expect(!wrongName.wasSent)
        let unknown = try await clientError {
            _ = try await HTTPClient().fetch(ClientRequest(url: "https://localhost:\(server.port)/"))
        }
        #expect(unknown.code == .tlsFailed)
        #expect(!unknown.wasSent)
    }
}

/// `openssl s_server` with a certificate of its own for the name `localhost`.
private final class TLSServer {
    let port: UInt16
    let certificate: String
    private let key: String
    private let process: pid_t

    init() throws {
        let stem = "/tmp/batuta-tls-test-\(UInt32.random(in: 0...UInt32.max))"
        certificate = stem + ".pem"
        key = stem + ".key"
        let made = try TLSServer.spawn([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ])
        var status: Int32 = 0
        waitpid(made, &status, 0)
        try #require(status == 0)
        port = try #require(RawServer.freePort())
        process = try TLSServer.spawn(["s_server", "-quiet", "-www", "-4", "-accept", "\(port)", "-cert", certificate, "-key", key])
        try TLSServer.waitUntilListening(port)
    }

    func stop() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        unlink(key)
        unlink(certificate)
    }

    private static func spawn(_ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
        var pointers: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        var child = pid_t()
        try #require(posix_spawn(&child, "/usr/bin/openssl", &actions, nil, pointers, environ) == 0)
        return child
    }

    private static func waitUntilListening(_ port: UInt16) throws {
        for _ in 0..<6_000 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) == 0 }
            }
            if connected { return }
            usleep(10_000)
        }
        Issue.record("openssl s_server did not start")
    }
}
