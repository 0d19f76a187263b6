import BatutaCore
import BatutaHTTP
import BatutaTesting
import Foundation
import Testing

/// A server as `batuta serve` starts it, with everything that it printed.
@Suite(.timeLimit(.minutes(5))) struct SignInTests {
    private struct Server {
        let process: SpawnedProcess
        let output: URL

        func stop() { process.signal(SIGTERM) }

        var printed: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
        var base: String { words(from: "http://127.0.0.1:") }
        var link: String { words(from: "/signin?token=") }
        /// Whether everything was printed that its start says.
        var isUp: Bool { !base.isEmpty && !link.isEmpty && printed.hasSuffix("\n\n") }

        private func words(from beginning: String) -> String {
            let printed = printed
            return printed.firstRange(of: beginning).map { String(printed[$0.lowerBound...].prefix { !$0.isWhitespace }) } ?? ""
        }
    }

    private func start(_ program: Program) async throws -> Server {
        let output = URL(fileURLWithPath: program.folder.path + "/printed.txt")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        let arguments = ["serve", "--project", program.hello, "--port", "0", "--log-level", "debug"]
        let process = try program.start(arguments, output: handle.fileDescriptor)
        try handle.close()
        let server = Server(process: process, output: output)
        do { try await Deadline.look(.seconds(60), for: "link to sign in") { server.isUp } } catch {
            server.stop()
            throw error
        }
        return server
    }

    @Test func `serve prints a link that signs in, and the terminal and the page are the same person`() async throws {
        let program = Program()
        try await program.makeHello()
        let server = try await start(program)
        defer { server.stop() }
        let http = try HTTPClient()
        defer { http.shutdown() }
        let followed = try await http.fetch(ClientRequest(method: "GET", url: server.base + server.link))
        #expect(followed.status == 303 && followed.headers["Location"] == "/")
        let cookie = String((followed.headers["Set-Cookie"] ?? "").prefix { $0 != ";" })
        _ = try await program.run("run", "--project", program.hello, "What time is it?")
        var request = ClientRequest(method: "GET", url: server.base + "/v1/sessions")
        request.headers.add("Cookie", cookie)
        let sessions = try JSON.parse(try await http.fetch(request).body)
        #expect(sessions["data"]?[0]?["title"] == "What time is it?")
        let another = try await program.run("user", "link", "--project", program.hello)
        #expect(another.code == 0 && another.out.hasPrefix(server.base + "/signin?token="))
    }

    @Test func `S3.24 no token and no password is ever printed or logged`() async throws {
        let program = Program()
        try await program.makeHello()
        let server = try await start(program)
        let http = try HTTPClient()
        defer { http.shutdown() }
        let canary = "canary1password"
        _ = try await program.run(
            "user",
            "add",
            "ana@example.com",
            "--password-stdin",
            "--project",
            program.hello,
            input: canary + "\n"
        )
        let followed = try await http.fetch(ClientRequest(method: "GET", url: server.base + server.link))
        let cookie = String((followed.headers["Set-Cookie"] ?? "").dropFirst("batuta_session=".count).prefix { $0 != ";" })
        for body in [#"{"email":"ana@example.com","password":"\#(canary)"}"#, #"{"email":"ana@example.com","password":"\#(canary)"#] {
            var login = ClientRequest(method: "POST", url: server.base + "/v1/login")
            login.body = Array(body.utf8)
            _ = try await http.fetch(login)
        }
        for path in ["/signin?token=canary2token", "/v1/me?password=\(canary)"] {
            var request = ClientRequest(method: "GET", url: server.base + path)
            request.headers.add("Cookie", "batuta_session=\(cookie)")
            _ = try await http.fetch(request)
        }
        server.stop()
        let printed = server.printed.replacing(server.link, with: "")
        #expect(!cookie.isEmpty && printed.contains("hello"))
        for secret in [canary, "canary2token", cookie, "argon2"] { #expect(!printed.contains(secret)) }
    }
}
