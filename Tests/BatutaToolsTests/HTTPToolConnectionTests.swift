import BatutaCore
import BatutaHTTP
import BatutaTools
import Testing

/// One connected account, and nothing else.
struct ConnectedAccount: ToolSecretSource {
    let account: JSON

    func secret(_ name: String) -> String? { nil }
    func environment(_ name: String) -> String? { nil }
    func connection(_ name: String, context: ToolContext) async -> JSON? {
        name == "shop" && context.user["id"] == "usr_1" ? .some(account) : .none
    }
    func mask(_ text: String) -> String { text }
}

@Suite struct `HTTP tools and accounts` {
    private func run(_ draft: ToolDraft, _ account: JSON, user: String = "usr_1", maximum: Int = 8 << 20) async throws -> ToolResult {
        let services = HTTPToolServices(
            client: try .test(),
            allow: [],
            secrets: ConnectedAccount(account: account),
            clock: ManualClock(),
            maximumAnswerBytes: maximum
        )
        var call = ToolCall.test(draft.name)
        call.context.user = ["id": .string(user)]
        return await ToolRuntime.test(InstantTime()).execute(call, in: ToolCatalog([try draft.tool(services)]).everything)
    }

    @Test func `the caller's own account is used, another user's is not`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/${connection.shop.path}")
        draft.headers = ["Authorization": "Bearer ${connection.shop.token}"]
        #expect(try await run(draft, ["token": "t-1", "path": "a/b"]).success)
        #expect(server.requests.first?.line == "GET /a/b HTTP/1.1")
        #expect(server.requests.first?.header("authorization") == "Bearer t-1")
        let other = try await run(draft, ["token": "t-1", "path": "a"], user: "usr_2")
        #expect(other.code == "not_connected")
        #expect(other.data == ["connection": "shop"])
        #expect(other.error == "tool was not called: the account “shop” is not connected; ask the user to connect it.")
        #expect(server.requests.count == 1)
    }

    @Test func `a host that an account brought reaches no private address`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        let result = try await run(ToolDraft(url: "${connection.shop.base}/x"), ["base": .string(server.base)])
        #expect(result.code == "egress_refused")
        #expect(server.requests.isEmpty)
    }

    @Test func `an answer beyond the limit fails a read; a write has happened all the same`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, type: "text/plain", body: String(repeating: "x", count: 5_000)) }
        defer { server.stop() }
        #expect(try await run(ToolDraft(url: "\(server.base)/"), [:], maximum: 2_048).code == "answer_too_large")
        let written = try await run(ToolDraft(effect: .write, method: "POST", url: "\(server.base)/"), [:], maximum: 2_048)
        #expect(written.success)
        #expect(written.data?.string?.count == 2_048)
    }

    @Test func `a redirection is not followed, it could lead anywhere`() async throws {
        let server = try LoopbackServer { _, _ in .answer(302, headers: ["Location: http://169.254.169.254/"], body: "") }
        defer { server.stop() }
        let result = try await run(ToolDraft(url: "\(server.base)/"), [:])
        #expect(result.code == "rejected")
        #expect(result.error == "127.0.0.1 answered 302, a redirection to “http://169.254.169.254/” that is not followed")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [(ToolEffect.read, false), (.write, true)]) func `stopping a run ends the request in flight`(
        effect: ToolEffect,
        uncertain: Bool
    ) async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { _, _ in
            arrival.yield()
            return .hang
        }
        defer { server.stop() }
        let draft = ToolDraft(effect: effect, method: effect == .read ? "GET" : "POST", url: "\(server.base)/")
        let task = Task { try await run(draft, [:]) }
        for await _ in arrived { break }
        task.cancel()
        let result = try await task.value
        #expect(result.code == "cancelled")
        #expect(result.uncertain == uncertain)
    }
}
