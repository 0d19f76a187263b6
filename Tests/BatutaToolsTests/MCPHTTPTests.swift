import BatutaCore
import BatutaHTTP
import BatutaTesting
import Foundation
import Synchronization
import Testing

@testable import BatutaTools

@Suite(.timeLimit(.minutes(5))) struct `MCP over HTTP` {
    private let fixture = MCPServerFixture()

    private func serve(_ era: String = "both", json: Bool = false, headers: [(name: String, value: String)] = []) async throws
        -> ServedMCP
    {
        try await ServedMCP(fixture, era: era, json: json, headers: headers)
    }

    private func call(
        _ tool: MCPToolDescription,
        _ arguments: JSON = [:],
        effect: ToolEffect = .read,
        over link: HTTPLink,
        limit: Duration = .seconds(30)
    ) async -> ToolResult {
        let rule = MCPServerDefinition.Rule(
            pattern: "*",
            effect: effect,
            retry: RetryPolicy(attempts: 1, timeout: limit, backoff: .init(first: .milliseconds(1)))
        )
        let client = MCPClient(name: "docs", link: link)
        guard let tool = try? MCPTool(tool, of: .test([rule]), client: client, secrets: StaticToolSecrets(), clock: ManualClock()) else {
            return .success(nil)
        }
        let name = tool.definition.name
        return await ToolRuntime.test(SystemMonotonicTime()).execute(.test(name, arguments), in: ToolCatalog([tool]).everything)
    }

    @Test(arguments: ["modern", "legacy", "both"], [true, false])
    func `both versions answer with JSON and with streams`(era: String, json: Bool) async throws {
        let served = try await serve(era, json: json)
        let listing = try await MCPClient(name: "docs", link: served.link).list()
        #expect(listing.tools.count > 20)
        #expect(await call(.test("add"), ["a": 1, "b": 2], over: served.link).data == ["sum": 3])
        #expect(served.link.condition == .up(era: era == "legacy" ? .legacy : .modern))
    }

    @Test func `headers say what proxies route by`() async throws {
        let served = try await serve("modern")
        let region = MCPToolDescription.test(
            "routed",
            ["inputSchema": ["type": "object", "properties": ["region": ["type": "string", "x-mcp-header": "Region"]]]]
        )
        #expect(await call(region, ["region": "São Paulo"], over: served.link).success)
        let headers = try #require(fixture.lines("headers").last.flatMap { try? JSON.parse($0) })
        #expect(headers["mcp-protocol-version"] == "2026-07-28")
        #expect(headers["mcp-method"] == "tools/call")
        #expect(headers["mcp-name"] == "routed")
        #expect(headers["mcp-param-region"] == "=?base64?U8OjbyBQYXVsbw==?=")
        #expect(headers["mcp-session-id"] == nil)
    }

    @Test func `a session that the server forgot is opened anew, and the call goes out once more`() async throws {
        let served = try await serve("legacy")
        #expect(await call(.test("effect"), ["name": "a"], effect: .write, over: served.link).success)
        try fixture.write("forget", "")
        #expect(await call(.test("effect"), ["name": "b"], effect: .write, over: served.link).success)
        #expect(fixture.lines("effects").count == 2)
    }

    @Test func `DESIGN 9_4 words of a refusal do not make a call go out once more`() async throws {
        let served = try await serve("legacy")
        #expect(await !call(.test("book_session"), effect: .write, over: served.link).success)
        #expect(fixture.lines("effects") == ["booked"])
    }

    @Test func `DESIGN 9_5 whoever waits for another's handshake can be stopped`() async throws {
        let turnstile = Turnstile()
        #expect(await turnstile.enter())
        let waiting = Task { await turnstile.enter() }
        let (began, announce) = AsyncStream.makeStream(of: Void.self)
        let stopped = Task {
            announce.finish()
            return await turnstile.enter()
        }
        for await _ in began {}
        stopped.cancel()
        #expect(await !stopped.value)
        turnstile.leave()
        #expect(await waiting.value, "the turn goes to who still waits")
        turnstile.leave()
        #expect(await turnstile.enter())
    }

    @Test func `the project's headers are sent`() async throws {
        let served = try await serve(headers: [("Authorization", "Bearer tok_canary")])
        _ = await call(.test("add"), ["a": 1, "b": 2], over: served.link)
        let headers = try #require(fixture.lines("headers").last.flatMap { try? JSON.parse($0) })
        #expect(headers["authorization"] == "Bearer tok_canary")
    }

    @Test(arguments: [(401, "rejected"), (403, "rejected"), (429, "rate_limited"), (500, "server_error"), (503, "rate_limited")])
    func `what stands before a server is told by its status`(status: Int, code: String) async throws {
        let served = try await serve(headers: [("X-Fail", "\(status)")])
        let result = await call(.test("add"), over: served.link)
        #expect(result.code == code)
        #expect(result.statusCode == status)
    }

    @Test(arguments: [("refuse", "rejected"), ("internal", "server_error"), ("nothing", "invalid_arguments"), ("input", "rejected")])
    func `refusals are those of the pipes`(tool: String, code: String) async throws {
        let served = try await serve()
        #expect(await call(.test(tool), over: served.link).code == code)
    }

    @Test func `a call that takes too long leaves a write uncertain`() async throws {
        let served = try await serve()
        #expect(await call(.test("add"), ["a": 1, "b": 2], over: served.link).success, "the handshake has its own time")
        let result = await call(.test("effect_then_hang"), effect: .write, over: served.link, limit: .seconds(3))
        #expect(result.uncertain)
        try await Deadline.look(for: "the effect") { fixture.lines("effects").count == 1 }
        #expect(await call(.test("add"), ["a": 1, "b": 2], over: served.link).success)
    }

    @Test func `S3.55 a server of the older kind is told of a call that is stopped, and its session is given back`() async throws {
        let served = try await serve("legacy")
        let hanging = Task { await call(.test("effect_then_hang"), effect: .write, over: served.link) }
        try await Deadline.look(for: "the call") { fixture.lines("effects").count == 1 }
        hanging.cancel()
        #expect(await hanging.value.uncertain)
        try await Deadline.look(for: "the cancellation") { fixture.lines("cancelled").count == 1 }
        await served.link.close()
        #expect(fixture.lines("deleted") == ["s1"])
        #expect(await call(.test("add"), over: served.link).code == "unreachable")
    }

    @Test func `a huge answer has an end`() async throws {
        let served = try await serve()
        #expect(await call(.test("huge"), over: served.link).code == "answer_too_large")
        #expect(await call(.test("huge"), effect: .write, over: served.link).data?["truncated"] == true)
    }

    @Test func `a server that is down is told by what happened`() async throws {
        let link = HTTPLink(
            .init(name: "docs", client: try .test()) { .success(HTTPLink.Place(url: "http://127.0.0.1:1/mcp", headers: [])) }
        )
        let result = await call(.test("add"), effect: .write, over: link)
        #expect(result.code == "unreachable")
        #expect(!result.uncertain)
        guard case .down = link.condition else { return #expect(Bool(false), "it is not down") }
    }
}
