import BatutaCore
import BatutaTelemetry
import BatutaTesting
import Foundation
import Synchronization
import Testing

@testable import BatutaTools

@Suite(.timeLimit(.minutes(5))) struct `MCP over the pipes of a process` {
    private let fixture = MCPServerFixture()

    private func client(_ link: StdioLink) -> MCPClient { MCPClient(name: "docs", link: link) }

    /// Calls through the runtime, as runs do.
    private func call(
        _ name: String,
        _ arguments: JSON = [:],
        rule: MCPServerDefinition.Rule = .init(pattern: "*", effect: .read),
        over link: StdioLink,
        limit: Duration = .seconds(30)
    ) async -> ToolResult {
        var rule = rule
        rule.retry = RetryPolicy(attempts: 2, timeout: limit, backoff: .init(first: .milliseconds(1), jitter: false))
        let secrets = StaticToolSecrets(secrets: ["TOKEN": "tok_canary_1"])
        guard let tool = try? MCPTool(.test(name), of: .test([rule]), client: client(link), secrets: secrets, clock: ManualClock()) else {
            return .success(nil)
        }
        return await ToolRuntime.test(SystemMonotonicTime()).execute(
            .test("mcp:docs/\(name)", arguments),
            in: ToolCatalog([tool]).everything
        )
    }

    @Test(arguments: [("modern", MCPEra.modern), ("legacy", .legacy), ("silent", .legacy), ("both", .modern)])
    func `the version is found out by asking, and tools of every page are listed`(era: String, expected: MCPEra) async throws {
        let link = fixture.link(era: era)
        let listing = try await client(link).list()
        #expect(link.condition == .up(era: expected))
        #expect(listing.tools.first?.name == "add")
        #expect(listing.tools.contains { $0.name == "chatter" }, "the second page is there")
        #expect(listing.holds == (expected == .modern ? .seconds(60) : nil))
        let sum = await call("add", ["a": 1, "b": 2.5], over: link)
        #expect(sum.data == ["sum": 3.5])
        await link.close()
    }

    @Test func `a server that speaks only unknown versions is told apart from an older one`() async throws {
        let link = fixture.link(era: "pickers")
        let result = await call("add", over: link)
        #expect(!result.success)
        #expect(result.code == "unreachable")
        #expect(result.error?.contains("2099-01-01") == true)
        await link.close()
    }

    @Test(
        arguments: [
            ("refuse", "rejected", "No: the campaign is closed."), ("nothing", "invalid_arguments", "Unknown tool: nothing"),
            ("internal", "server_error", "something broke"), ("broken", "bad_answer", "no result"),
            ("input", "rejected", "input_required"),
        ]
    ) func `a refusal is told in the server's words`(tool: String, code: String, words: String) async throws {
        let link = fixture.link()
        let result = await call(tool, over: link)
        #expect(!result.success)
        #expect(result.code == code)
        #expect(result.error?.contains(words) == true, "\(result.error ?? "")")
        await link.close()
    }

    @Test func `what is no answer is passed over`() async throws {
        let link = fixture.link()
        #expect(await call("garbage", over: link).data == "after garbage")
        #expect(await call("ask_back", over: link).data == "asked back")
        #expect(fixture.log.lines.contains { $0.contains("no JSON") && $0.contains("this is no JSON at all") })
        await link.close()
    }

    @Test func `an answer under another's number leaves the call waiting until its time is up`() async throws {
        let link = fixture.link()
        _ = try await client(link).list()
        let result = await call("wrong_id", rule: .init(pattern: "*", effect: .write), over: link, limit: .milliseconds(300))
        #expect(result.code == "uncertain_effect")
        #expect(result.uncertain)
        try await Deadline.look(for: "the line about it") { fixture.log.lines.contains { $0.contains("answers nothing") } }
        await link.close()
    }

    @Test func `a huge answer has an end, and the conversation goes on`() async throws {
        let link = fixture.link(longestMessage: 100_000)
        async let other = call("slow", ["seconds": 0.2], over: link)
        let read = await call("huge", ["bytes": 3_000_000], over: link)
        #expect(read.code == "answer_too_large")
        let written = await call("huge", ["bytes": 3_000_000], rule: .init(pattern: "*", effect: .write), over: link)
        #expect(written.success, "the write has happened")
        #expect(written.data?["truncated"] == true)
        #expect(await other.data == "slow")
        #expect(await call("add", ["a": 1, "b": 1], over: link).data == ["sum": 2])
        #expect(fixture.lines("starts").count == 1)
        await link.close()
    }

    @Test func `a read is asked again after a crash, of a new process`() async throws {
        let link = fixture.link()
        let result = await call("crash", over: link)
        #expect(!result.success)
        #expect(result.code == "connection_lost")
        #expect(result.attempts == 2)
        #expect(result.error?.contains("ended with code") == true, "\(result.error ?? "")")
        #expect(result.error?.contains("about to crash") == false, "what it says may be of another's call")
        guard case .down(let words) = link.condition else { return #expect(Bool(false), "it is not down") }
        #expect(words.contains("about to crash"), "whoever looks after it is told")
        #expect(fixture.log.lines.contains { $0.contains("about to crash") })
        #expect(fixture.lines("starts").count == 2)
        await link.close()
    }

    @Test func `DESIGN 9_4 a write whose process ends is uncertain and not repeated`() async throws {
        let link = fixture.link()
        let result = await call("effect_then_crash", rule: .init(pattern: "*", effect: .write), over: link)
        #expect(result.uncertain)
        #expect(fixture.lines("effects").count == 1)
        await link.close()
    }

    @Test func `DESIGN 9_4 an idempotent write is repeated under the same key`() async throws {
        let link = fixture.link()
        _ = await call("effect_then_crash", rule: .init(pattern: "*", effect: .write, idempotent: true), over: link)
        let keys = fixture.lines("effects")
        #expect(keys.count == 2)
        #expect(Set(keys) == [ToolCall.test("x").idempotencyKey])
        await link.close()
    }

    @Test func `a call that takes too long is stopped at the server too`() async throws {
        let link = fixture.link()
        _ = try await client(link).list()
        let result = await call("effect_then_hang", rule: .init(pattern: "*", effect: .write), over: link, limit: .seconds(3))
        #expect(result.uncertain)
        try await Deadline.look(for: "the cancellation") { fixture.lines("cancelled").count == 1 }
        #expect(await call("add", ["a": 1, "b": 1], over: link).success, "the others go on")
        #expect(fixture.lines("starts").count == 1)
        await link.close()
    }

    @Test func `stopping the caller stops the call`() async throws {
        let link = fixture.link()
        _ = try await client(link).list()
        let task = Task { await call("hang", rule: .init(pattern: "*", effect: .write), over: link) }
        try await Deadline.look(for: "the call") { fixture.lines("hangs").count == 1 }
        task.cancel()
        let result = await task.value
        #expect(result.code == "cancelled")
        try await Deadline.look(for: "the cancellation") { fixture.lines("cancelled").count == 1 }
        await link.close()
    }

    @Test func `many calls share the process, each with its own answer`() async throws {
        let link = fixture.link()
        let sums = await withTaskGroup(of: (Int, ToolResult).self) { group in
            for number in 0..<100 {
                group.addTask { (number, await call("add", ["a": .int(number), "b": 1], over: link)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1.data?["sum"]?.int }
        }
        #expect(sums.count == 100)
        #expect(sums.allSatisfy { $0.value == Int64($0.key + 1) })
        #expect(fixture.lines("starts").count == 1)
        await link.close()
    }

    @Test func `it sees only what it is given`() async throws {
        let link = fixture.link(environment: ["ONLY": "this"])
        let seen = await call("environment", over: link).data?.object ?? [:]
        #expect(seen["ONLY"] == "this")
        #expect(Set(seen.keys).subtracting(["ONLY", "LC_CTYPE"]).isEmpty, "\(seen.keys)")
        await link.close()
    }

    @Test func `what it says goes to the log, masked and not without end`() async throws {
        let secret = "tok_canary_42"
        let link = fixture.link(environment: ["TOKEN": "sk-abcdefghijklmnopqrstuvwxyz123456"])
        #expect(await call("chatter", over: link).data == "said")
        #expect(await call("flood", over: link).data == "flooded")
        await link.close()
        #expect(fixture.log.lines.contains { $0.contains("the key is •••") })
        #expect(!fixture.log.lines.contains { $0.contains("abcdefghijklmnop") || $0.contains(secret) })
        #expect(fixture.log.lines.count < 1_000)
        #expect(fixture.log.lines.contains { $0.contains("says too much") })
    }

    @Test func `it is told when the server's tools are others`() async throws {
        let told = Mutex(0)
        let link = fixture.link(onToolsChanged: { told.withLock { $0 += 1 } })
        _ = await call("changed", over: link)
        try await Deadline.look(for: "the notice") { told.withLock { $0 } == 1 }
        await link.close()
    }

    @Test func `closing ends the process, and nothing is sent after that`() async throws {
        let link = fixture.link()
        _ = try await client(link).list()
        let pid = try #require(fixture.lines("starts").first.flatMap { Int32($0) })
        await link.close()
        #expect(kill(pid, 0) == -1)
        #expect(fixture.lines("ends") == ["input closed"], "it was asked politely first")
        #expect(await call("add", ["a": 1, "b": 1], over: link).code == "unreachable")
    }

    @Test func `a program that is not there is told by its name`() async throws {
        let link = StdioLink(.init(name: "docs") { .success(ProcessLaunch(program: "/nonexistent/program", environment: [:])) })
        for _ in 0..<3 {
            let result = await call("add", over: link)
            #expect(result.code == "tool_misconfigured")
            #expect(result.attempts == 1, "another attempt would not find it either")
            #expect(result.error?.contains("/nonexistent/program") == true)
        }
    }

    @Test func `a secret that is missing is told, and nothing is tried again`() async throws {
        let link = StdioLink(.init(name: "docs") { .failure(.init(words: "its variable TOKEN needs a secret that is not set")) })
        let result = await call("add", over: link)
        #expect(result.code == "tool_misconfigured")
        #expect(result.attempts == 1)
        #expect(result.error?.contains("TOKEN") == true)
    }

    @Test func `closing ends a process that is not ready yet`() async throws {
        let place = fixture.folder.path
        let script = "echo $$ > \(place)/starts; exec sleep 3600"
        let launch = ProcessLaunch(program: "/bin/sh", arguments: ["-c", script], environment: [:])
        let link = StdioLink(.init(name: "docs") { .success(launch) })
        async let refused = call("add", over: link)
        try await Deadline.look(for: "the process") { !fixture.lines("starts").isEmpty }
        let pid = try #require(fixture.lines("starts").first.flatMap { Int32($0) })
        await link.close()
        #expect(await !refused.success)
        try await Deadline.look(for: "its end") { kill(pid, 0) == -1 }
    }

    @Test func `nothing is left of a process that ends at once`() async throws {
        let loop = try #require(ProcessLoop.shared)
        for _ in 0..<20 {
            let (ends, tell) = AsyncStream.makeStream(of: Void.self)
            let launch = ProcessLaunch(program: "/nonexistent/program", environment: [:])
            var session: StdioSession? = StdioSession(.init(name: "docs") { .success(launch) }, launch, on: loop) { notice in
                if case .ended = notice { tell.finish() }
            }
            let watched = WeakSession(session)
            for await _ in ends {}
            session = nil
            try await Deadline.look(for: "its end") { watched.isGone }
        }
    }

    @Test func `a program that ends at once is not started without pause`() async throws {
        let launch = ProcessLaunch(program: "/bin/sh", arguments: ["-c", "echo no license >&2; exit 3"], environment: [:])
        var configuration = StdioLink.Configuration(name: "docs") { .success(launch) }
        configuration.time = InstantTime(endless: [configuration.startLimit, configuration.probeLimit])
        let link = StdioLink(configuration)
        for _ in 0..<3 { _ = await call("add", over: link) }
        let result = await call("add", over: link)
        #expect(result.error?.contains("ended with code 3: no license") == true, "\(result.error ?? "")")
        #expect(result.error?.contains("started again in") == true)
    }
}

private struct WeakSession: Sendable {
    private weak let session: StdioSession?

    init(_ session: StdioSession?) { self.session = session }

    var isGone: Bool { session == nil }
}
