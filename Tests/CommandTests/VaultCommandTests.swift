import BatutaCore
import BatutaHTTP
import BatutaTesting
import Foundation
import Testing

/// The vault from the terminal, beside a server that runs, and the proof that nothing of it leaks.
@Suite(.timeLimit(.minutes(5))) struct VaultCommandTests {
    static let canary = "canary/9c1b+f03e=77"

    @Test func `a secret is set from standard input, listed by name, and removed`() async throws {
        let program = Program()
        try await program.makeHello()
        let set = try await program.run("secret", "set", "TOKEN", "--project", program.hello, input: Self.canary + "\n")
        #expect(set.code == 0)
        #expect(set.error.contains("master.key") && set.error.contains("Keep a copy"))
        let listed = try await program.run("secret", "list", "--project", program.hello)
        #expect(listed.out.hasSuffix("TOKEN\n") && !listed.out.contains(Self.canary))
        #expect(try await program.run("secret", "rotate", "--project", program.hello).error.contains("One secret lies"))
        #expect(try await program.run("secret", "remove", "TOKEN", "--project", program.hello).code == 0)
        #expect(try await program.run("secret", "remove", "TOKEN", "--project", program.hello).code == 1)
        #expect(try await program.run("secret", "set", "1TOKEN", "--project", program.hello, input: "x").code == 2)
        #expect(try await program.run("secret", "set", "TOKEN", "--project", program.hello, input: "").code == 1)
    }

    @Test func `S0.24 a key in the vault is as good as one in the environment`() async throws {
        let program = Program()
        try program.write(
            "name: x\nmodels: { default: { provider: openai, model: gpt-5-mini } }\nrequire_env: [AAA]\n",
            to: "p/batuta.yaml"
        )
        try program.write("---\nname: a\n---\nHi.\n", to: "p/agents/a.md")
        let bare = try await program.run("check", "p")
        #expect(bare.code == 1 && bare.error.contains("AAA, OPENAI_API_KEY") && bare.error.contains("batuta secret set"))
        #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/p/.batuta"))
        for name in ["AAA", "OPENAI_API_KEY"] {
            #expect(try await program.run("secret", "set", name, "--project", "p", input: Self.canary).code == 0)
        }
        #expect(try await program.run("check", "p").code == 0)
    }

    @Test(arguments: [("en_US.UTF-8", "chmod 600", "not a master key"), ("pt_BR.UTF-8", "chmod 600", "não contém uma chave mestra")])
    func `a key that others can read, or that is none, stops the start with what to do`(_ row: (String, String, String)) async throws {
        var program = Program()
        program.environment["LANG"] = row.0
        try await program.makeHello()
        _ = try await program.run("secret", "set", "TOKEN", "--project", program.hello, input: Self.canary)
        chmod(program.hello + "/.batuta/master.key", 0o644)
        let exposed = try await program.run("serve", "--project", program.hello, "--port", "0")
        #expect(exposed.code == 1 && exposed.error.contains(row.1) && exposed.error.hasPrefix("CRITICAL: "))
        program.environment["BATUTA_MASTER_KEY"] = "c2hvcnQ="
        let invalid = try await program.run("check", program.hello)
        #expect(invalid.code == 1 && invalid.error.contains(row.2))
    }

    @Test func `S3.22 S3.24 a canary in the vault reaches the service it is for, and shows up nowhere else`() async throws {
        let echo = try EchoService()
        var program = Program()
        program.environment["ECHO_URL"] = echo.base
        try program.writeEchoProject()
        let server = try program.serveLogging("p")
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        let before = try await program.run("run", "--json", "--project", "p", "who am I?")
        #expect(before.out.contains("neither in the vault nor in the environment"))
        #expect(try await program.run("secret", "set", "CANARY_TOKEN", "--project", "p", input: Self.canary).code == 0)
        var run = before
        for _ in 0..<120 where !run.out.contains("Bearer •••") {
            try await Task.sleep(for: .milliseconds(500))
            run = try await program.run("run", "--json", "--project", "p", "who am I?")
        }
        #expect(echo.authorizations.contains("Bearer " + Self.canary))
        #expect(run.out.contains("Bearer •••"))
        var seen = [run.out, run.error]
        for path in ["/v1/secrets", "/v1/settings", "/v1/info", "/v1/runs", "/v1/sessions", "/v1/keys", "/openapi.json", "/metrics"] {
            seen.append(try await server.get(path))
        }
        server.process.signal(SIGTERM)
        _ = await server.process.end()
        for text in seen { #expect(!text.contains(Self.canary)) }
        let canaries = [Self.canary, JSON.string(Self.canary).text, "canary/9c1b"].map { Data($0.utf8) }
        for file in try FileManager.default.subpathsOfDirectory(atPath: program.folder.path) {
            guard let content = FileManager.default.contents(atPath: program.folder.path + "/" + file) else { continue }
            for canary in canaries { #expect(content.range(of: canary) == nil, "\(file)") }
        }
    }
}

/// Answers every request with the headers it came with.
final class EchoService: Sendable {
    let base: String
    private let server: HTTPServer
    private let log = RecordedLines()

    init() throws {
        var router = Router()
        let log = log
        router.inline(.get, "/whoami") { request in
            let sent = request.headers["Authorization"] ?? ""
            log.add(sent)
            return .json(JSON.object(["you_sent": .string(sent), "again": [.string(sent)]]).bytes)
        }
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        server = try HTTPServer(configuration: configuration, router: router)
        base = "http://127.0.0.1:\(try server.start().port)"
    }

    var authorizations: [String] { log.all }
}

final class RecordedLines: @unchecked Sendable {
    // SAFETY: every access holds the lock.
    private var lines: [String] = []
    private let lock = NSLock()

    func add(_ line: String) { lock.withLock { lines.append(line) } }
    var all: [String] { lock.withLock { lines } }
}

extension Program {
    fileprivate func writeEchoProject() throws {
        try write("name: echo\nrehearsal: when_no_key\nmodels: { default: { provider: openai, model: gpt-5-mini } }\n", to: "p/batuta.yaml")
        try write("---\nname: a\ntools: [whoami]\n---\nHi.\n", to: "p/agents/a.md")
        try write(
            """
            description: Says who asks.
            effect: read
            parameters: { type: object, properties: {}, additionalProperties: false }
            http: { method: GET, url: "${env.ECHO_URL}/whoami", headers: { Authorization: "Bearer ${secret.CANARY_TOKEN}" } }
            """,
            to: "p/tools/whoami.yaml"
        )
        try write(
            """
            scripts:
              - steps:
                  - { call: whoami, arguments: {} }
                  - say: "${results[0].success ? results[0].data.you_sent : results[0].error}"
            """,
            to: "p/rehearsals/a.yaml"
        )
    }

    /// A server whose output lies in a file of the folder.
    fileprivate func serveLogging(_ project: String) throws -> ServedProject {
        try Data().write(to: URL(fileURLWithPath: folder.path + "/server.log"))
        let log = try #require(FileHandle(forWritingAtPath: folder.path + "/server.log"))
        defer { try? log.close() }
        let process = try start(["serve", "--project", project, "--port", "0", "--log-level", "debug"], output: log.fileDescriptor)
        return ServedProject(process: process, socket: "\(folder.path)/\(project)/.batuta/sock")
    }
}

extension ServedProject {
    /// What the server answers to whoever holds its socket.
    func get(_ path: String) async throws -> String {
        let client = try HTTPClient()
        defer { client.shutdown() }
        var request = ClientRequest(method: "GET", url: "http://batuta" + path)
        request.unixSocket = socket
        let answer = try await client.fetch(request)
        #expect(answer.status == 200, "\(path)")
        return String(decoding: answer.body, as: UTF8.self)
    }
}
