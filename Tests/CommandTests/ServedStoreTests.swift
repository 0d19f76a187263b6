import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// A server in a process of its own, and commands beside it.
@Suite(.timeLimit(.minutes(5))) struct ServedStoreTests {
    @Test func `S3.8 keys made beside a running server cost nothing: after kill -9 every run is there`() async throws {
        let program = Program()
        try await program.makeHello()
        let server = try program.serve(program.hello)
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        _ = try await program.run("key", "create", "one", "--project", program.hello)
        _ = try await program.run("key", "list", "--project", program.hello)
        let run = try await program.run("run", "--json", "--project", program.hello, "What time is it?")
        let id = try #require(try JSON.parse(String(run.out.split(separator: "\n")[0]))["run_id"]?.string)
        #expect(server.deletedFiles == [])
        server.process.signal(SIGKILL)
        _ = await server.process.end()
        let runs = try await program.run("runs", "--project", program.hello)
        #expect(runs.out.contains(id))
    }

    @Test func `SIGTERM drains and leaves with 0`() async throws {
        let program = Program()
        try await program.makeHello()
        let server = try program.serve(program.hello)
        try await server.waitUntilReady()
        server.process.signal(SIGTERM)
        #expect(await server.process.end() == .exited(0))
    }

    @Test func `10,000 subscribers need no setting of the shell: the soft limit of open files becomes the hard one`() async throws {
        let program = Program()
        try await program.makeHello()
        let line = #"ulimit -Sn 256; exec "$0" serve --project "$1" --port 0"#
        let process = try program.start("/bin/sh", ["-c", line, Program.path, program.hello])
        defer { process.signal(SIGTERM) }
        try await ServedProject(process: process, socket: program.hello + "/.batuta/sock").waitUntilReady()
        let limits = try String(contentsOfFile: "/proc/\(process.pid)/limits", encoding: .utf8)
        let words = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }?.split(separator: " ") ?? []
        #expect(words.count > 4 && words[3] == words[4] && words[3] != "256")
    }

    @Test func `a second server on the same store is refused`() async throws {
        let program = Program()
        try await program.makeHello()
        let server = try program.serve(program.hello)
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        let second = try await program.run("serve", "--project", program.hello, "--port", "0")
        #expect(second.code == 1)
        #expect(second.error.contains("Another process (pid \(server.process.pid))"))
    }

    @Test func `with log lines as JSON everything printed is one, and no link that signs in is among them`() async throws {
        let program = Program()
        try await program.makeHello()
        let output = URL(fileURLWithPath: program.folder.path + "/printed.txt")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        let arguments = ["serve", "--project", program.hello, "--port", "0", "--log-format", "json"]
        let process = try program.start(arguments, output: handle.fileDescriptor)
        defer { process.signal(SIGTERM) }
        try handle.close()
        let server = ServedProject(process: process, socket: program.hello + "/.batuta/sock")
        try await server.waitUntilReady()
        let address = try #require(try await listening(output))
        try await refused(address, in: program)
        process.signal(SIGTERM)
        #expect(await process.end() == .exited(0))
        let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(lines.compactMap { $0["message"]?.string } == ["The project was loaded", "Listening", "Draining", "Stopped"])
        #expect(lines[1]["rehearsal"] == true && lines[2]["runs"] == 0)
    }

    private func listening(_ output: URL) async throws -> String? {
        @Sendable func address() throws -> String? {
            let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
            return lines.compactMap { try? JSON.parse(String($0)) }.first { $0["message"] == "Listening" }?["address"]?.string
        }
        try await Deadline.look(.seconds(60), for: "line with the address") { try address() != nil }
        return try address()
    }

    /// Another project cannot listen there, and says where.
    private func refused(_ address: String, in program: Program) async throws {
        let place = address.dropFirst("http://".count)
        let port = place.split(separator: ":").last.map(String.init) ?? ""
        var other = program
        other.environment["LANG"] = "pt_BR.UTF-8"
        _ = try await other.run("new", "other")
        let second = try await other.run("serve", "--project", "other", "--port", port)
        #expect(second.code == 1)
        #expect(second.error.contains("Não foi possível escutar em \(place): outro processo já usa esse endereço."), "\(second.error)")
        let nowhere = try await other.run("serve", "--project", "other", "--host", "no.such.host.invalid", "--port", port)
        #expect(nowhere.error.contains("Não foi possível escutar em no.such.host.invalid:\(port)."), "\(nowhere.error)")
    }
}

struct ServedProject {
    let process: SpawnedProcess
    let socket: String

    /// Returns when the server's own socket answers.
    func waitUntilReady() async throws {
        try await Deadline.look(.seconds(60), for: "socket of the server") { FileManager.default.fileExists(atPath: socket) }
    }

    /// Files of the store that the server still writes to although somebody removed them.
    var deletedFiles: [String] {
        let folder = "/proc/\(process.pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
            .filter { $0.contains("batuta.db") && $0.contains("(deleted)") }
    }
}

extension Program {
    func serve(_ project: String) throws -> ServedProject {
        let process = try start(["serve", "--project", project, "--port", "0"])
        return ServedProject(process: process, socket: project + "/.batuta/sock")
    }
}
