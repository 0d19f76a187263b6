import BatutaCore
import BatutaHTTP
import BatutaTesting
import Foundation
import Glibc
import Testing

/// A server whose store lies on a small disk of its own: a mount that only the server sees, and that goes with it.
@Suite(.timeLimit(.minutes(5)), .enabled(if: SmallDisk.isPossible, "mounting needs root, or user namespaces"))
struct FullDiskTests {
    @Test func `a full disk is told, accepted runs are kept, and with room the server goes on by itself`() async throws {
        let disk = try await SmallDisk(then: #"exec "$0" serve --project "$1" --port 0 --log-format json"#)
        defer { disk.process.signal(SIGTERM) }
        let server = try await disk.server()
        var accepted: [String] = []
        var refusals: [SmallDisk.Answer] = []
        disk.fill()
        // What is small may still find room, so it is asked for much until the log says it, too.
        for number in 0..<2_000 where refusals.isEmpty || !disk.messages.contains("The store takes no writes; what was accepted waits") {
            let text = "What time is it? \(number) " + String(repeating: "x", count: 40_000)
            let answer = try await server.send("POST", "/v1/runs?wait=0", ["content": .string(text)])
            switch answer.status {
            case 202: accepted.append(answer.json["run_id"]?.string ?? "")
            // So many a minute, however much room there is.
            case 429: try await Task.sleep(for: .milliseconds(300))
            default: refusals.append(answer)
            }
        }
        #expect(!accepted.isEmpty && !refusals.isEmpty)
        for refused in refusals {
            #expect(refused.status == 507 && refused.json["code"] == "storage_full")
            #expect(refused.json["detail"] == "The store's disk is full. Make room on it; writing goes on by itself then.")
        }
        let ready = try await server.readiness(language: "pt-BR")
        #expect(ready.status == 503 && ready.json["code"] == "storage_full")
        #expect(ready.json["detail"]?.string?.hasPrefix("O disco do armazenamento está cheio.") == true)
        #expect(try await server.send("GET", "/v1/runs").status == 200)

        disk.makeRoom()
        try await server.wait("/readyz") { $0.status == 200 }
        var report = FaultReport()
        report.runs = accepted.count
        for run in accepted {
            try await server.wait("/v1/runs/\(run)") { $0.json["status"] == "completed" }
            report.ended += 1
        }
        report.note("a full disk, then room", "sqlite")
        let later = try await server.send("POST", "/v1/runs?wait=0", ["content": "What time is it?"])
        #expect(later.status == 202)
        let runs = try await server.send("GET", "/v1/runs?limit=200").json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(runs).isSuperset(of: accepted + [later.json["run_id"]?.string ?? ""]))
        try await disk.wait(forLine: "The store takes writes again")
        disk.process.signal(SIGTERM)
        #expect(await disk.process.end() == .exited(0))
    }

    @Test func `a store that may not be written stops the start, and the message says what to look at`() async throws {
        let disk = try await SmallDisk(then: #"mount -o remount,ro "$1/.batuta" && exec "$0" serve --project "$1" --port 0"#)
        #expect(await disk.process.end() == .exited(1))
        #expect(disk.log.contains("read_only: ") && disk.log.contains("check its owner, permissions and mount options"), "\(disk.log)")
    }
}

/// A project whose `.batuta` is a disk of five megabytes, in a mount namespace of the process that uses it.
struct SmallDisk {
    let program = Program()
    let process: SpawnedProcess
    private let output: URL
    private let keyFile: String

    struct Answer: Sendable {
        var status: Int
        var json: JSON
    }

    private static let unshare = getuid() == 0 ? ["-m"] : ["-Urm"]

    static let isPossible: Bool = {
        let command = "unshare \(unshare.joined()) sh -c 'mount -t tmpfs -o size=1m tmpfs /mnt' >/dev/null 2>&1"
        return system(command) == 0
    }()

    /// - Parameter then: What the shell goes on with; `$0` is the program, `$1` the project. There is a key already.
    init(then command: String) async throws {
        try await program.makeHello()
        output = URL(fileURLWithPath: program.folder.path + "/printed.txt")
        keyFile = program.folder.path + "/key.txt"
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        defer { try? handle.close() }
        let script = """
            set -e
            mount -t tmpfs -o size=5m tmpfs "$1/.batuta"
            "$0" key create test --project "$1" > "$2"
            \(command)
            """
        let words = Self.unshare + ["/bin/sh", "-c", script, Program.path, program.hello, keyFile]
        process = try program.start("/usr/bin/unshare", words, output: handle.fileDescriptor)
    }

    var log: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// What the lines of the log say.
    var messages: [String] { log.split(separator: "\n").compactMap { try? JSON.parse(String($0))["message"]?.string } }

    func wait(forLine message: String) async throws {
        let end = ContinuousClock.now + Deadline.patience
        while !messages.contains(message), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        #expect(messages.contains(message), "\(log)")
    }

    /// The disk as seen from here.
    private var ballast: String { "/proc/\(process.pid)/root\(program.hello)/.batuta/ballast" }

    /// Leaves less than two megabytes of room.
    func fill() {
        let bytes = [UInt8](repeating: 1, count: 3 << 20)
        let file = open(ballast, O_WRONLY | O_CREAT, 0o600)
        #expect(file >= 0 && write(file, bytes, bytes.count) > 0)
        close(file)
    }

    func makeRoom() { #expect(unlink(ballast) == 0) }

    /// Returns when it listens.
    func server() async throws -> Server {
        for _ in 0..<4_500 {
            let lines = log.split(separator: "\n").compactMap { try? JSON.parse(String($0)) }
            if let base = lines.first(where: { $0["message"] == "Listening" })?["address"]?.string {
                let key = try String(contentsOfFile: keyFile, encoding: .utf8).split(separator: " ").last.map(String.init) ?? ""
                return Server(base: base, key: key.trimmingCharacters(in: .whitespacesAndNewlines), client: try HTTPClient())
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Program.Killed(description: "it does not listen: \(log)")
    }

    struct Server {
        let base: String
        let key: String
        let client: HTTPClient

        func send(_ method: String, _ path: String, _ body: JSON? = nil, language: String = "en") async throws -> Answer {
            var request = ClientRequest(method: method, url: base + path)
            request.headers.add("Authorization", "Bearer \(key)")
            request.headers.add("Accept-Language", language)
            if let body {
                request.headers.add("Content-Type", "application/json")
                request.body = body.bytes
            }
            let response = try await client.fetch(request)
            return Answer(status: response.status, json: (try? JSON.parse(response.body)) ?? .null)
        }

        /// What `/readyz` says right after a write that found no room.
        func readiness(language: String) async throws -> Answer {
            for _ in 0..<300 {
                let text = String(repeating: "x", count: 40_000)
                let status = try await send("POST", "/v1/runs?wait=0", ["content": .string(text)]).status
                if status == 429 { try await Task.sleep(for: .milliseconds(300)) }
                guard status != 202, status != 429 else { continue }
                let answer = try await send("GET", "/readyz", nil, language: language)
                if answer.status != 200 { return answer }
            }
            throw Program.Killed(description: "it stays ready")
        }

        /// Asks until the answer is as it should be.
        func wait(_ path: String, until isRight: (Answer) -> Bool) async throws {
            var answer: Answer?
            for _ in 0..<1_800 {
                let new = try await send("GET", path)
                if isRight(new) { return }
                answer = new
                try await Task.sleep(for: .milliseconds(50))
            }
            throw Program.Killed(description: "\(path) stays \(String(describing: answer))")
        }
    }
}
