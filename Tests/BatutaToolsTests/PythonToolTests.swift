import BatutaCore
import BatutaTelemetry
import BatutaTesting
import Foundation
import Synchronization
import Testing

@testable import BatutaTools

@Suite(.timeLimit(.minutes(5))) struct `Python tools` {
    private let folder = TemporaryFolder()
    private let log = MemorySink()
    private let project = Holding()

    /// Keeps tools, as a project does.
    private final class Holding: Sendable {
        private let tools = Mutex<[PythonTool]>([])

        func hold(_ tool: PythonTool) { tools.withLock { $0.append(tool) } }
        func letGo() { tools.withLock { $0 = [] } }
    }

    private static let code = """
        import asyncio, os, subprocess, sys, time
        from dataclasses import dataclass
        from enum import Enum
        from batuta import Context, ToolError, TryAgain, Uncertain

        class Status(Enum):
            ACTIVE = "ACTIVE"

        @dataclass
        class Money:
            amount: float
            currency: str = "BRL"

        def trace(line):
            with open(os.environ["TRACES"], "a") as file: file.write(line + "\\n")

        def echo(text: str, status: Status = None, money: Money = None, context: Context = None):
            return {"text": text, "status": status, "is_enum": isinstance(status, Status), "money": money,
                    "key": context.idempotency_key, "user": context.user, "connections": context.connections}
        async def nap(seconds: float): await asyncio.sleep(seconds); return "slept"
        def printing():
            print("to the log"); os.write(1, b"also to the log\\n"); subprocess.run(["echo", "a child too"]); sys.stdin.read()
            return "clean"
        def refuse(): raise ToolError("The campaign is closed.")
        def fail(): raise ValueError("bad id")
        def unsure(): trace("unsure"); raise Uncertain("no answer")
        def later(): trace("later"); raise TryAgain("busy", after=0)
        def crash(context: Context): trace(context.idempotency_key); os._exit(9)
        async def linger():
            trace("lingers")
            while not os.path.exists(os.environ["TRACES"] + ".go"): await asyncio.sleep(0.01)
            return "stayed"
        def spin():
            while True: pass
        def stuck(): trace("stuck"); time.sleep(3600)
        def nothing(): return None
        def huge(): return "x" * 20_000_000
        def unfit(): return object()
        def odd_name(): return os.fsdecode(b"relat\\xf3rio")
        def odd_words(): raise ToolError(os.fsdecode(b"relat\\xf3rio"))
        def odd_pause(): raise TryAgain("busy", after=float("inf"))
        class Mute(Exception):
            def __str__(self): raise RuntimeError("no words")
        def mute(): raise Mute()
        def unheard(): trace("unheard"); raise TimeoutError("no answer from the service")
        def refused(): trace("refused"); raise ConnectionRefusedError("nobody listens")
        def no_file(): trace("no file"); open("/nonexistent/report.csv")
        async def block():
            trace("blocks")
            while not os.path.exists(os.environ["TRACES"] + ".go"): time.sleep(0.01)
            return os.getpid()
        def numbers(): return float("nan")
        def environment(): return dict(os.environ)
        def pid(): return os.getpid()
        def where(): return os.getcwd()
        """

    private let secrets = StaticToolSecrets(secrets: ["TOKEN": "tok_canary_1"])

    private func processes(patience: Duration = PythonProcesses.patience) -> PythonProcesses {
        PythonProcesses(
            folder: folder.path + "/python",
            projectFolder: folder.path,
            logger: Logger(sink: log),
            patience: patience
        )
    }

    private func call(
        _ function: String,
        _ arguments: JSON = [:],
        effect: ToolEffect = .read,
        idempotent: Bool? = nil,
        limit: Duration = .seconds(30),
        connections: [String] = [],
        cache: HTTPToolDefinition.Cache? = nil,
        code: String = code,
        in processes: PythonProcesses
    ) async -> ToolResult {
        guard let tool = try? tool(function, effect, idempotent, limit, connections, cache, code, processes) else { return .success(nil) }
        project.hold(tool)
        return await ToolRuntime.test(SystemMonotonicTime()).execute(.test(function, arguments), in: ToolCatalog([tool]).everything)
    }

    private func tool(
        _ function: String,
        _ effect: ToolEffect,
        _ idempotent: Bool?,
        _ limit: Duration,
        _ connections: [String],
        _ cache: HTTPToolDefinition.Cache?,
        _ code: String,
        _ processes: PythonProcesses
    ) throws -> PythonTool {
        let definition = ToolDefinition(
            name: function,
            description: "A tool of the tests.",
            parameters: ["type": "object"],
            effect: effect,
            idempotent: idempotent,
            retry: RetryPolicy(attempts: 2, timeout: limit, backoff: .init(first: .milliseconds(1), jitter: false))
        )
        return try PythonTool(
            PythonToolDefinition(definition: definition, file: "ads.py", function: function, cache: cache, connections: connections),
            files: ["ads.py": Array(code.utf8)],
            processes: processes,
            surroundings: processes.surroundings(["TRACES": folder.path + "/traces", "TOKEN": "tok_canary_1"]),
            secrets: secrets,
            clock: ManualClock()
        )
    }

    private var traces: [String] {
        let text = (try? String(contentsOfFile: folder.path + "/traces", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    @Test func `arguments become what the hints say, the context is given, and the result is JSON`() async throws {
        let processes = processes()
        let result = await call("echo", ["text": "é", "status": "ACTIVE", "money": ["amount": 3]], in: processes)
        #expect(result.data?["text"] == "é")
        #expect(result.data?["is_enum"] == true)
        #expect(result.data?["status"] == "ACTIVE")
        #expect(result.data?["money"] == ["amount": 3.0, "currency": "BRL"])
        #expect(result.data?["key"]?.string == ToolCall.test("x").idempotencyKey)
        #expect(result.data?["user"] == ["id": "usr_1"])
        #expect(await call("nap", ["seconds": 0], in: processes).data == "slept")
        #expect(await call("nothing", in: processes).success)
        #expect(await call("where", in: processes).data?.string?.hasSuffix(folder.path) == true)
        await processes.close()
    }

    @Test func `versions that nobody uses any more go, the others stay`() throws {
        let place = PythonFolder(root: folder.path + "/python")
        let old = try place.lay(["a.py": Array("x = 1".utf8)], hash: "old"), used = try place.lay(["a.py": []], hash: "used")
        let home = try place.home()
        let past = [timeval(tv_sec: time(nil) - 90_000, tv_usec: 0), timeval(tv_sec: time(nil) - 90_000, tv_usec: 0)]
        for path in [old, used, home] { #expect(utimes(path, past) == 0) }
        _ = try place.lay(["a.py": []], hash: "used")
        place.sweep(unusedFor: 86_400)
        #expect([old, used, home].map { FileManager.default.fileExists(atPath: $0) } == [false, true, true])
    }

    @Test func `a function whose results are everybody's is not told who asks`() async throws {
        let processes = processes()
        let shared = HTTPToolDefinition.Cache(ttl: .seconds(60), scope: .project)
        #expect(await call("echo", ["text": "a"], cache: shared, in: processes).data?["user"] == [:])
        #expect(await call("echo", ["text": "a"], cache: .init(ttl: .seconds(60)), in: processes).data?["user"] == ["id": "usr_1"])
        await processes.close()
    }

    @Test func `whatever prints or reads leaves the conversation whole`() async throws {
        let processes = processes()
        #expect(await call("printing", in: processes).data == "clean")
        await processes.close()
        for words in ["to the log", "also to the log", "a child too"] { #expect(log.lines.contains { $0.contains(words) }, "\(words)") }
    }

    @Test(
        arguments: [
            ("refuse", "The campaign is closed.", "rejected"), ("fail", "ValueError: bad id", "rejected"),
            ("unfit", "a result of type object is no JSON", "rejected"), ("numbers", "NaN or Infinity", "rejected"),
            ("huge", "too much", "answer_too_large"), ("odd_words", "relat?rio", "rejected"), ("odd_pause", "busy", "rate_limited"),
            ("mute", "Mute, which cannot be shown: RuntimeError", "rejected"),
            ("no_file", "FileNotFoundError: [Errno 2] No such file or directory: '/nonexistent/report.csv'", "rejected"),
        ]
    ) func `what is raised is told in its own words`(function: String, words: String, code: String) async throws {
        let processes = processes()
        let result = await call(function, in: processes)
        #expect(!result.success)
        #expect(result.error?.contains(words) == true, "\(result.error ?? "")")
        #expect(result.code == code)
        await processes.close()
        #expect(traces.count == (function == "no_file" ? 1 : 0), "another attempt would not help")
        if function == "fail" { #expect(log.lines.contains { $0.contains("ads.py:") && $0.contains("in fail") }, "where it was raised") }
    }

    @Test func `DESIGN 9_4 what may have happened is not repeated, what did not is`() async throws {
        let processes = processes()
        #expect(await call("unsure", effect: .write, in: processes).uncertain)
        #expect(await call("later", effect: .write, in: processes).code == "rate_limited")
        #expect(traces == ["unsure", "later", "later"])
        await processes.close()
    }

    @Test func `DESIGN 9_4 a request that left and had no answer is uncertain, one that was refused is not`() async throws {
        let processes = processes()
        #expect(await call("unheard", effect: .write, in: processes).uncertain)
        let refused = await call("refused", effect: .write, in: processes)
        #expect(!refused.success && !refused.uncertain)
        _ = await call("unheard", effect: .read, in: processes)
        #expect(traces == ["unheard", "refused", "unheard", "unheard"], "a read may be asked again")
        await processes.close()
    }

    @Test func `half a surrogate pair does not leave the call without an answer`() async throws {
        let processes = processes()
        #expect(await call("odd_name", in: processes).data == "relat?rio")
        await processes.close()
    }

    @Test func `an async call that is stopped before it began ends, and takes no other along`() async throws {
        let patience = Duration.seconds(5)
        let processes = processes(patience: patience)
        let pid = await call("pid", in: processes).data
        async let blocked = call("block", in: processes)
        try await Deadline.look(for: "the call that blocks") { traces == ["blocks"] }
        #expect(await call("nap", ["seconds": 0], limit: .milliseconds(100), in: processes).code == "timeout")
        try Data().write(to: URL(filePath: folder.path + "/traces.go"))
        #expect(await blocked.data == pid)
        let loop = try #require(ProcessLoop.shared)
        // The loop's alarms ring in their order: the one that ends a hanging process would have rung.
        await withCheckedContinuation { done in
            loop.alarm(after: patience + .milliseconds(200)) { done.resume() }
        }
        #expect(await call("pid", in: processes).data == pid)
        #expect(!log.lines.contains { $0.contains("its process is ended") })
        await processes.close()
    }

    @Test func `DESIGN 9_4 a crash leaves a write uncertain, and repeats an idempotent one under the same key`() async throws {
        let processes = processes()
        #expect(await call("crash", effect: .write, in: processes).uncertain)
        #expect(traces.count == 1)
        // One that has just failed twice is not started at once.
        let others = self.processes()
        let repeated = await call("crash", effect: .write, idempotent: true, in: others)
        #expect(!repeated.success)
        #expect(traces.count == 3)
        #expect(Set(traces) == [ToolCall.test("x").idempotencyKey])
        await processes.close()
        await others.close()
    }

    @Test func `a call that takes too long is stopped, and the process goes on`() async throws {
        let processes = processes(patience: .seconds(20))
        let pid = await call("pid", in: processes).data
        #expect(await call("spin", limit: .seconds(2), in: processes).code == "timeout")
        #expect(await call("nap", ["seconds": 1000], limit: .milliseconds(300), in: processes).code == "timeout")
        #expect(await call("pid", in: processes).data == pid)
        await processes.close()
    }

    @Test func `a call that cannot be stopped takes its process along`() async throws {
        let processes = processes()
        let pid = await call("pid", in: processes).data
        #expect(await call("stuck", effect: .write, limit: .seconds(3), in: processes).uncertain)
        try await Deadline.look(for: "another process") {
            let now = await call("pid", in: processes)
            return now.success && now.data != pid
        }
        #expect(traces == ["stuck"])
        await processes.close()
    }

    @Test func `a call that cannot be stopped waits for the one beside it before its process goes`() async throws {
        let processes = processes()
        let pid = await call("pid", in: processes).data
        async let neighbour = call("linger", effect: .write, in: processes)
        try await Deadline.look(for: "the one beside it") { traces == ["lingers"] }
        #expect(await call("stuck", effect: .write, limit: .seconds(3), in: processes).uncertain)
        try Data().write(to: URL(filePath: folder.path + "/traces.go"))
        #expect(await neighbour.data == "stayed")
        try await Deadline.look(for: "another process") {
            let now = await call("pid", in: processes)
            return now.success && now.data != pid
        }
        await processes.close()
    }

    @Test func `it sees the variables that the project names, and a home of its own`() async throws {
        let processes = processes()
        let seen = await call("environment", in: processes).data?.object ?? [:]
        #expect(seen["HOME"]?.string == folder.path + "/python/home")
        #expect(seen["TRACES"] != nil)
        let usual: Set<String> = [
            "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "HOME", "PYTHONIOENCODING", "SSL_CERT_FILE", "SSL_CERT_DIR",
        ]
        // Where `python3` is the script of a version manager, that adds variables of its own.
        let own = seen.keys.filter { !$0.contains("PYENV") && !["SHLVL", "PWD", "_"].contains($0) }
        #expect(Set(own).subtracting(usual) == ["TRACES", "TOKEN"])
        #expect(seen["TOKEN"] == "•••", "a known secret that comes back is masked")
        await processes.close()
    }

    @Test func `an account that nobody connected is asked for`() async throws {
        let processes = processes()
        let result = await call("echo", ["text": "x"], connections: ["meta"], in: processes)
        #expect(result.code == "not_connected")
        await processes.close()
    }

    @Test func `another version of the files is another process, and older runs keep theirs`() async throws {
        let processes = processes()
        let newer = Self.code + "\ndef version(): return 2\n"
        #expect(await call("pid", in: processes).success)
        #expect(await call("version", code: newer, in: processes).data == 2)
        #expect(await call("version", in: processes).code == "invalid_arguments")
        await processes.close()
    }

    @Test(
        arguments: [
            ("import os\n\nimport nowhere_to_be_found\n", "No module named 'nowhere_to_be_found' (ads.py:3); install the module"),
            ("def pid(:\n", "SyntaxError"), ("raise SystemExit(3)\n", "SystemExit: 3 (ads.py:1)"),
            ("open('/nonexistent')\n", "No such file or directory: '/nonexistent' (ads.py:1)"),
        ]
    ) func `a file that cannot be imported is told once, and not tried again`(code: String, words: String) async throws {
        let processes = processes()
        let result = await call("pid", code: code, in: processes)
        #expect(result.code == "tool_misconfigured")
        #expect(result.attempts == 1)
        #expect(result.error?.contains(words) == true, "\(result.error ?? "")")
        #expect(log.lines.count == 1, "\(log.lines)")
        #expect(log.lines.first?.contains("A process of tools is down") == true)
        await processes.close()
    }

    @Test func `files of one version may be wanted by many at once`() async throws {
        let folder = PythonFolder(root: folder.path + "/python")
        let files = Dictionary((0..<20).map { ("tool\($0).py", Array(repeating: UInt8(ascii: "#"), count: 50_000)) }) { first, _ in first }
        let hash = PythonFolder.hash(of: files)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let place = try folder.lay(files, hash: hash)
                    for (name, content) in files { #expect(try Data(contentsOf: URL(filePath: "\(place)/\(name)")) == Data(content)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.root) == [hash], "nothing else is left there")
    }

    @Test func `a process ends with the last tool of its version`() async throws {
        let processes = processes()
        let pid = try #require(await call("pid", in: processes).data?.int)
        #expect(await call("pid", in: processes).data?.int == pid)
        project.letGo()
        try await Deadline.look(for: "its end") { kill(Int32(pid), 0) == -1 }
        #expect(await call("pid", in: processes).data?.int != pid)
        await processes.close()
    }

    @Test func `closing ends the processes`() async throws {
        let processes = processes()
        let pid = try #require(await call("pid", in: processes).data?.int)
        await processes.close()
        #expect(kill(Int32(pid), 0) == -1)
    }

    @Test func `S1.24 what a file opens at its top is there for all its calls, and is closed when its process ends`() async throws {
        let processes = processes()
        let code = Self.code + "\nimport atexit\ntrace('opened')\natexit.register(trace, 'closed')\n"
        for _ in 1...3 { #expect(await call("pid", code: code, in: processes).success) }
        #expect(traces == ["opened"])
        await processes.close()
        #expect(traces == ["opened", "closed"])
    }

    @Test func `a project's own environment comes first, then the machine's`() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/.venv/bin", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/.venv/bin/python", withDestinationPath: "/usr/bin/python3")
        let environment: (String) -> String? = { $0 == "PATH" ? "/usr/bin" : nil }
        let own = try #require(PythonInterpreter.find(folder: folder.path, environment: environment))
        #expect(own.place == .virtualEnvironment)
        #expect(own.path == folder.path + "/.venv/bin/python", "the link is not followed: Python finds its packages by it")
        #expect(own.virtualEnvironment == folder.path + "/.venv")
        #expect(PythonInterpreter.find(folder: nil, environment: environment)?.place == .machine)
        #expect(
            PythonInterpreter.find(folder: folder.path, environment: { $0 == "BATUTA_PYTHON" ? "/usr/bin/python3" : nil })?.place
                == .variable
        )
        #expect(PythonInterpreter.find(folder: nil, environment: { $0 == "PATH" ? "/nonexistent" : nil }) == nil)
    }
}
