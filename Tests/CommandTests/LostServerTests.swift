import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Commands whose server goes away in the middle.
@Suite(.timeLimit(.minutes(3))) struct LostServerTests {
    /// The port of a server, and a key for it.
    private static func door(_ served: Shop.Served, _ shop: Shop) async throws -> (base: String, port: String, key: String) {
        let addresses = served.printed.split { $0 == "\n" || $0 == " " }.filter { $0.hasPrefix("http://127.0.0.1:") }
        let base = try #require(addresses.first { !$0.contains("signin") }.map(String.init))
        let port = try #require(base.split(separator: ":").last.map(String.init))
        let key = try await shop.run("key", "create", "test").out.split(separator: " ").last.map(String.init) ?? ""
        return (base, port, key.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func output(_ shop: Shop) throws -> (file: URL, handle: FileHandle) {
        let file = URL(fileURLWithPath: shop.program.folder.path + "/followed-\(UUID().uuidString).txt")
        try Data().write(to: file)
        return (file, try FileHandle(forWritingTo: file))
    }

    private static func wait(for words: String, in file: URL) async throws -> String {
        for _ in 0..<2_000 {
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            if text.contains(words) { return text }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Program.Killed(description: "never said: \(words)")
    }

    @Test func `a server that is killed and comes back is told of, and its run goes on without a double`() async throws {
        let shop = try Shop()
        let first = try await shop.serve()
        let door = try await Self.door(first, shop)
        shop.model.enqueue(.hang, .text("All done."))
        let (file, handle) = try Self.output(shop)
        let words = ["run", "--json", "--server", door.base, "--key", door.key, "think"]
        let command = try shop.program.start(words, output: handle.fileDescriptor)
        await shop.model.waitForRequests(1)
        await first.end(SIGKILL)
        _ = try await Self.wait(for: "The connection to the server is lost; trying again …", in: file)
        let second = try await shop.serve("--port", door.port)
        #expect(await command.end() == .exited(0))
        let text = try await Self.wait(for: "All done.", in: file)
        #expect(text.contains("The server is back."))
        let numbers = text.split(separator: "\n").compactMap { (try? JSON.parse(String($0)))?["id"]?.int }
        #expect(numbers == Array(1...Int64(numbers.count)))
        await second.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `a server that stays away is given up, with how the run is followed later; a conversation goes on`() async throws {
        var shop = try Shop()
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        let server = try await shop.serve()
        let door = try await Self.door(server, shop)
        shop.model.enqueue(.hang, .hang)
        let (file, handle) = try Self.output(shop)
        let place = ["--server", door.base, "--key", door.key, "--reconnect", "3s"]
        let command = try shop.program.start(["run"] + place + ["think"], output: handle.fileDescriptor)
        let (heard, more) = try Self.output(shop)
        let line = #"echo think | "$0" chat "$@""#
        let chat = try shop.program.start("/bin/sh", ["-c", line, Program.path] + place, output: more.fileDescriptor)
        await shop.model.waitForRequests(2)
        await server.end(SIGKILL)
        #expect(await command.end() == .exited(1))
        let text = try await Self.wait(for: "O servidor está fora há 3 s.", in: file)
        #expect(text.contains("batuta show run_") && text.contains("--server \(door.base)"), "\(text)")
        #expect(await chat.end() == .exited(0), "the end of its input ends it, not the server")
        #expect(try await Self.wait(for: "O servidor está fora há 3 s.", in: heard).contains("batuta chat --session ses_"))
        shop.model.stop()
    }

    @Test func `a decision that is typed while the server is away reaches it when it is back`() async throws {
        let shop = try Shop()
        let first = try await shop.serve()
        let door = try await Self.door(first, shop)
        shop.model.enqueue(.call("pay", #"{"amount":5}"#), .text("All paid."))
        let (file, handle) = try Self.output(shop)
        let gates = ["asked", "done"].map { "\(shop.program.folder.path)/\($0)" }
        let line =
            #"(echo pay; until [ -e "$1" ]; do sleep 0.05; done; echo a; until [ -e "$2" ]; do sleep 0.05; done) | "$0" chat --server "$3" --key "$4""#
        let words = ["-c", line, Program.path] + gates + [door.base, door.key]
        let chat = try shop.program.start("/bin/sh", words, output: handle.fileDescriptor)
        _ = try await Self.wait(for: "[a]pprove", in: file)
        await first.end(SIGKILL)
        try Data().write(to: URL(fileURLWithPath: gates[0]))
        _ = try await Self.wait(for: "The connection to the server is lost; trying again …", in: file)
        let second = try await shop.serve("--port", door.port)
        let text = try await Self.wait(for: "All paid.", in: file)
        try Data().write(to: URL(fileURLWithPath: gates[1]))
        #expect(await chat.end() == .exited(0), "\(text)")
        await second.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `a process that has the store and does not answer is named, with its socket and what to do`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        server.process.signal(SIGSTOP)
        let runs = try await shop.run("runs")
        #expect(runs.code == 1)
        #expect(runs.error.contains("Process \(server.process.pid) has the store") && runs.error.contains("does not answer yet; waiting"))
        #expect(runs.error.contains(server.socket) && runs.error.contains("kill \(server.process.pid)"), "\(runs.error)")
        server.process.signal(SIGCONT)
        #expect(try await shop.run("runs").code == 0)
        await server.end(SIGTERM)
        shop.model.stop()
    }
}
