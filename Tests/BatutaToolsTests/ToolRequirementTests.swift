import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTools
import Testing

/// What the older systems' retries and caches were to do (REQUIREMENTS, S2.49 to S2.62 and S2.97 to S2.109), as far as no other suite says it.
@Suite struct ToolRequirementTests {
    private func run(_ tool: any Tool, _ arguments: JSON = [:], cache: ToolResultCache? = nil, metrics: BatutaMetrics? = nil) async
        -> ToolResult
    {
        let runtime = ToolRuntime(clock: ManualClock(), time: InstantTime(), random: SeededRandom(), cache: cache, metrics: metrics)
        return await runtime.execute(.test(tool.definition.name, arguments), in: ToolCatalog([tool]).everything)
    }

    @Test func `S2.49 S2.51 a tool that says nothing is tried three times, with pauses`() {
        let policy = ToolDefinition(name: "x", description: "").retry
        #expect(policy.attempts == 3)
        #expect(policy.timeout == .seconds(30))
        #expect(policy.backoff == RetryPolicy.Backoff(first: .seconds(2), factor: 2, max: .seconds(10), jitter: true))
    }

    @Test(arguments: [("meta", 3, 30), ("whatsapp", 2, 10), ("database", 1, 5)])
    func `S2.5 S2.57 S2.58 S2.59 the profiles have their attempts and times`(name: String, attempts: Int, seconds: Int) throws {
        let profile = try #require(RetryPolicy.profiles[name])
        #expect(profile.attempts == attempts)
        #expect(profile.timeout == .seconds(seconds))
    }

    @Test func `S2.55 the model reads which service did not answer in how long`() async throws {
        let server = try LoopbackServer { _, _ in .hang }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/x", attempts: 1)
        draft.timeout = .milliseconds(1_500)
        let runtime = ToolRuntime.test(SystemMonotonicTime())
        let result = await runtime.execute(.test("tool"), in: ToolCatalog([try draft.tool(.test())]).everything)
        #expect(!result.success)
        #expect(result.code == "timeout")
        #expect(result.error == "127.0.0.1 did not answer within 1.5 s")
    }

    @Test func `S2.56 an answer that breaks the tool's own template is a failed result, nothing more`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: "[]") }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/x")
        draft.result = "${result.data.id + 1}"
        let result = await run(try draft.tool(.test()))
        #expect(!result.success)
        #expect(result.code == "bad_answer")
        #expect(result.error?.isEmpty == false)
    }

    @Test func `S2.60 with the service down every attempt is made, and the model is told`() async throws {
        let server = try LoopbackServer { _, _ in .answer(503, body: #"{"error":{"message":"maintenance"}}"#) }
        defer { server.stop() }
        let result = await run(try ToolDraft(url: "\(server.base)/x").tool(.test()))
        #expect(server.requests.count == 3)
        #expect(!result.success)
        #expect(result.statusCode == 503)
        #expect(result.error == "127.0.0.1 answered 503: maintenance (3 attempts)")
    }

    @Test func `S2.62 a failure carries success, status_code and error`() async throws {
        let server = try LoopbackServer { _, _ in .answer(404, body: #"{"detail":"no such campaign"}"#) }
        defer { server.stop() }
        let result = await run(try ToolDraft(url: "\(server.base)/x").tool(.test()))
        #expect(result.envelope["success"] == false)
        #expect(result.envelope["status_code"] == 404)
        #expect(result.envelope["error"] == "127.0.0.1 answered 404: no such campaign")
    }

    @Test func `S2.97 nothing is kept of a tool that does not ask for it`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        let cache = ToolResultCache(clock: ManualClock())
        let tool = try ToolDraft(url: "\(server.base)/x").tool(.test())
        for _ in 0..<2 { #expect(await !run(tool, cache: cache).cached) }
        #expect(server.requests.count == 2)
        #expect(cache.counts.hits == 0 && cache.counts.misses == 0)
    }

    @Test func `S2.98 the same arguments in another order are the same call`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/x")
        draft.cache = .init()
        let (cache, tool) = (ToolResultCache(clock: ManualClock()), try draft.tool(.test()))
        #expect(await !run(tool, ["a": 1, "b": ["c": 2, "d": 3]], cache: cache).cached)
        #expect(await run(tool, ["b": ["d": 3, "c": 2.0], "a": 1], cache: cache).cached)
        #expect(await !run(tool, ["b": ["d": 3, "c": 4], "a": 1], cache: cache).cached)
    }

    @Test func `S2.99 results are kept for 300 s unless the tool says otherwise`() {
        #expect(HTTPToolDefinition.Cache().ttl == .seconds(300))
        #expect(HTTPToolDefinition.Cache().scope == .user)
    }

    @Test func `S2.101 hits and misses are counted, and a hit says so`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/x")
        draft.cache = .init()
        let registry = MetricsRegistry()
        let (cache, metrics) = (ToolResultCache(clock: ManualClock()), BatutaMetrics(in: registry))
        let tool = try draft.tool(.test())
        for hit in [false, true, true] {
            let result = await run(tool, cache: cache, metrics: metrics)
            #expect(result.cached == hit)
            // That is for people, in the event: a model is told the same either way.
            #expect(result.envelope["cached"] == nil)
        }
        let text = registry.prometheusText()
        #expect(text.contains(#"batuta_cache_requests_total{cache="tool",result="hit"} 2"#))
        #expect(text.contains(#"batuta_cache_requests_total{cache="tool",result="miss"} 1"#))
    }

    @Test(arguments: [("campaign:*", 2), ("campaign:1", 1), ("*", 3), ("camp*:2", 1), ("other*", 0), ("campaign", 0)])
    func `S2.102 a pattern makes every tag stale that it fits`(pattern: String, count: Int) async {
        let cache = ToolResultCache(clock: ManualClock())
        for (number, tag) in ["campaign:1", "campaign:2", "summary"].enumerated() {
            let plan = ToolCachePlan(ttl: .seconds(9), partition: "project", tags: [tag])
            _ = await run(CachedTool(.test("read\(number)"), plan: plan), cache: cache)
        }
        #expect(await cache.invalidate([pattern]) == count)
    }

    @Test(arguments: [120, 300, 600, 1_800])
    func `S2.108 each tool has its own time, to the second`(seconds: Int) async {
        let clock = ManualClock()
        let cache = ToolResultCache(clock: clock)
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom(), cache: cache)
        let registry = ToolCatalog([CachedTool(.test("read"), plan: ToolCachePlan(ttl: .seconds(seconds), partition: "user"))]).everything
        #expect(await !runtime.execute(.test("read"), in: registry).cached)
        clock.advance(by: .seconds(seconds - 1))
        #expect(await runtime.execute(.test("read"), in: registry).cached)
        clock.advance(by: .seconds(1))
        #expect(await !runtime.execute(.test("read"), in: registry).cached)
    }

    // MARK: Values of a request (PROJECT.md, “Values”)

    private func request(_ change: (inout ToolDraft) -> Void, _ arguments: JSON) async throws -> LoopbackServer.Request? {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(effect: .write, method: "POST", url: "\(server.base)/x")
        change(&draft)
        _ = await run(try draft.tool(.test()), arguments)
        return server.requests.first
    }

    @Test func `numbers keep their digits, truth values their words, and null is no entry of a query`() async throws {
        let sent = try await request(
            { $0.query = ["id": "${params.id}", "on": "${params.on}", "none": "${params.none}", "list": "${params.list}"] },
            ["id": 12_345_678_901_234_567, "on": false, "none": nil, "list": [1, "a"]]
        )
        #expect(sent?.line == "POST /x?id=12345678901234567&on=false&list=%5B1%2C%22a%22%5D HTTP/1.1")
    }

    @Test func `a null stays in a body, an absent entry does not`() async throws {
        let sent = try await request(
            { $0.body = ["a": "${params.a}", "b": "${params.b}", "c": [1, "${params.b}"], "d": ["e": "${params.b}"]] },
            ["a": nil]
        )
        #expect(sent?.body == #"{"a":null,"c":[1],"d":{}}"#)
    }

    @Test func `an inserted value is never expanded again`() async throws {
        let sent = try await request(
            {
                $0.body = ["text": "Say: ${params.t}"]; $0.headers = ["X-T": "${params.t}"]
            },
            ["t": "${secret.TOKEN} $$ ${params.u}"]
        )
        #expect(sent?.body == #"{"text":"Say: ${secret.TOKEN} $$ ${params.u}"}"#)
        #expect(sent?.header("x-t") == "${secret.TOKEN} $$ ${params.u}")
    }

    @Test func `two dollar signs are one, and braces and quotes within a hole balance`() async throws {
        let sent = try await request(
            { $0.body = ["a": "R$$ ${params.n} $", "b": "${ {'}': params.n}['}'] }", "c": "${'}' + string(params.n)}"] },
            ["n": 7]
        )
        #expect(sent?.body == #"{"a":"R$ 7 $","b":7,"c":"}7"}"#)
    }

    @Test func `a form is encoded as a browser does, and headers drop what is absent`() async throws {
        let sent = try await request(
            {
                $0.form = ["a b": "${params.t}", "gone": "${params.no}"]; $0.headers = ["X-Gone": "${params.no}"]
            },
            ["t": "1+1 = 2&é"]
        )
        #expect(sent?.body == "a+b=1%2B1+%3D+2%26%C3%A9")
        #expect(sent?.header("content-type") == "application/x-www-form-urlencoded")
        #expect(sent?.header("x-gone") == nil)
    }
}
