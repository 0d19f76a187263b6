import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTools
import Testing

@Suite struct `Tool runtime` {
    private func run(_ tool: any Tool, also others: [any Tool] = [], time: InstantTime = InstantTime(), isRehearsal: Bool = false) async
        -> ToolResult
    {
        let registry = ToolCatalog([tool] + others).everything
        return await ToolRuntime.test(time).execute(.test(tool.definition.name, isRehearsal: isRehearsal), in: registry)
    }

    @Test func `S2.55 a failing read is tried three times, then the model gets the failure`() async {
        let tool = ScriptedTool(.test("read"), [.failing(.timeout), .failing(.serverError, status: 503), .failing(.timeout)])
        let time = InstantTime()
        let result = await run(tool, time: time)
        #expect(!result.success)
        #expect(result.attempts == 3)
        #expect(result.error == "it went wrong (3 attempts)")
        #expect(!result.uncertain)
        #expect(time.pauses == [.seconds(2), .seconds(4)])
        #expect(result.duration == .seconds(6))
    }

    @Test func `S2.50 a retry that succeeds is a success`() async {
        let tool = ScriptedTool(.test("read"), [.failing(.serverError, status: 500), .ok])
        let result = await run(tool)
        #expect(result.success)
        #expect(result.attempts == 2)
        #expect(result.data == ["ok": true])
    }

    @Test func `the idempotency key is the same on all attempts, their numbers are not`() async {
        let tool = ScriptedTool(.test("write", effect: .write, idempotent: true), [.failing(.timeout), .failing(.notSent), .ok])
        _ = await run(tool)
        #expect(Set(tool.calls.map(\.idempotencyKey)) == [ToolCall.test("write").id.rawValue])
        #expect(tool.calls.map(\.attempt) == [1, 2, 3])
    }

    @Test func `a write that timed out is uncertain and not repeated`() async {
        let tool = ScriptedTool(.test("write", effect: .write), [.failing(.timeout), .ok])
        let result = await run(tool)
        #expect(tool.calls.count == 1)
        #expect(result.uncertain)
        #expect(result.code == "uncertain_effect")
        #expect(
            result.error
                == "write may or may not have taken effect: it went wrong. Do not simply repeat it; find out first whether it happened."
        )
    }

    @Test func `S2.55 an attempt that hangs is ended by its time limit`() async {
        var definition = ToolDefinition.test("slow", attempts: 2)
        definition.retry.timeout = .seconds(9)
        let result = await run(HangingTool(definition: definition, began: nil), time: InstantTime(endless: []))
        #expect(result.code == "timeout")
        #expect(result.error == "slow did not answer within 9 s (2 attempts)")
    }

    @Test func `S2.55 on the network's loop its timers end an attempt that hangs`() async throws {
        var definition = ToolDefinition.test("read", attempts: 1)
        definition.retry.timeout = .milliseconds(20)
        let registry = ToolCatalog([HangingTool(definition: definition, began: nil)]).everything
        let result = await ToolRuntime.test(LoopTime(try HTTPClient.test().loop)).execute(.test("read"), in: registry)
        #expect(result.code == "timeout")
        #expect(result.error == "read did not answer within 20 ms")
    }

    @Test(arguments: [(ToolEffect.read, false), (.write, true), (.critical, true)])
    func `an attempt in flight is cancelled at once`(effect: ToolEffect, uncertain: Bool) async {
        let (began, continuation) = AsyncStream.makeStream(of: Void.self)
        let tool = HangingTool(definition: .test("slow", effect: effect), began: continuation)
        let registry = ToolCatalog([tool]).everything
        let task = Task { await ToolRuntime.test(InstantTime()).execute(.test("slow"), in: registry) }
        for await _ in began { break }
        task.cancel()
        let result = await task.value
        #expect(result.code == "cancelled")
        #expect(result.uncertain == uncertain)
    }

    @Test(arguments: [ToolEffect.write, .critical])
    func `a rehearsal refuses whatever changes something`(effect: ToolEffect) async {
        let tool = ScriptedTool(.test("change", effect: effect), [.ok])
        let result = await run(tool, isRehearsal: true)
        #expect(result.code == "rehearsal_refused")
        #expect(tool.calls.isEmpty)
    }

    @Test func `a rehearsal lets reads through`() async {
        #expect(await run(ScriptedTool(.test("read"), [.ok]), isRehearsal: true).success)
    }

    @Test func `an agent cannot call what it was not given`() async {
        let tool = ScriptedTool(.test("secret_tool"), [.ok])
        let result = await ToolRuntime.test(InstantTime()).execute(.test("secret_tool"), in: ToolCatalog([tool]).registry(offering: []))
        #expect(result.code == "unknown_tool" && result.attempts == 0)
        #expect(tool.calls.isEmpty)
    }

    @Test func `what never left was never tried`() async throws {
        let schema: JSON = ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]]
        let tool = ScriptedTool(ToolDefinition(name: "set", description: "Sets.", parameters: schema, effect: .write), [.ok])
        let registry = ToolCatalog([tool]).everything, runtime = ToolRuntime.test(InstantTime())
        #expect(await runtime.execute(.test("set", ["n": "x"]), in: registry).attempts == 0)
        #expect(await runtime.execute(.test("set", ["n": 1], isRehearsal: true), in: registry).attempts == 0)
        for (name, arguments) in [("set", ["n": "x"]), ("sett", ["n": 1])] as [(String, JSON)] {
            let validation = runtime.validate(tool: name, arguments: .valid(arguments), context: .test(), in: registry)
            guard case .refused(let result) = validation else { return #expect(Bool(false), "\(name) was accepted") }
            #expect(result.attempts == 0)
        }
        #expect(await runtime.execute(.test("set", ["n": 1]), in: registry).attempts == 1)
    }
}

@Suite struct `What a tool promises of its result` {
    private func result(_ data: JSON, effect: ToolEffect) async -> ToolResult {
        var definition = ToolDefinition.test("tool", effect: effect)
        definition.resultSchema = ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]]
        let tool = ScriptedTool(definition, [ToolAttempt(.success(data))])
        return await ToolRuntime.test(InstantTime()).execute(.test("tool"), in: ToolCatalog([tool]).everything)
    }

    @Test func `a read that fits passes`() async { #expect(await result(["n": 1], effect: .read).success) }

    @Test func `a read that does not fit is a failure that says where`() async throws {
        let refused = await result(["n": "x"], effect: .read)
        #expect(refused.code == "bad_answer")
        #expect(try #require(refused.error).contains("/n"))
        #expect(refused.data == nil)
    }

    @Test func `a write has happened, whatever its service says of it`() async { #expect(await result(["n": "x"], effect: .write).success) }
}

@Suite struct `Metrics of tools` {
    @Test func `S3.30 every call is counted, made-up names under one label`() async {
        let metrics = MetricsRegistry()
        let clock = ManualClock()
        let runtime = ToolRuntime(
            clock: clock,
            time: InstantTime(),
            cache: ToolResultCache(clock: clock),
            metrics: BatutaMetrics(in: metrics)
        )
        let good = CachedTool(.test("good"), plan: ToolCachePlan(ttl: .seconds(9), partition: "user"))
        let bad = ScriptedTool(.test("bad"), [.failing(.rejected)])
        let registry = ToolCatalog([good, bad]).everything
        for name in ["good", "good", "bad", "made_up_1", "made_up_2"] { _ = await runtime.execute(.test(name), in: registry) }
        _ = runtime.validate(tool: "made_up_3", arguments: .valid([:]), context: .test(), in: registry)
        let text = metrics.prometheusText()
        for line in [
            #"batuta_tool_calls_total{tool="good",success="true"} 2"#, #"batuta_tool_calls_total{tool="bad",success="false"} 1"#,
            #"batuta_tool_calls_total{tool="unknown",success="false"} 3"#, #"batuta_cache_requests_total{cache="tool",result="hit"} 1"#,
            #"batuta_cache_requests_total{cache="tool",result="miss"} 1"#,
        ] { #expect(text.contains(line), "\(text)") }
    }
}

@Suite struct `Settling an uncertain call` {
    private func make(_ attempts: [ToolAttempt], reads: [ToolAttempt], within: Duration = .seconds(10)) -> (ScriptedTool, ScriptedTool) {
        let settlement = ToolSettlement(
            tool: "list",
            within: within,
            arguments: { $0.arguments },
            isDone: { data, _ in data["done"] == true }
        )
        return (
            ScriptedTool(.test("create", effect: .critical, settles: true), attempts, settlement: settlement),
            ScriptedTool(.test("list", attempts: 1), reads)
        )
    }

    private func run(_ tools: (ScriptedTool, ScriptedTool), time: InstantTime = InstantTime()) async -> ToolResult {
        await ToolRuntime.test(time).execute(.test("create"), in: ToolCatalog([tools.0, tools.1]).registry(offering: ["create"]))
    }

    private func read(_ done: Bool) -> ToolAttempt { ToolAttempt(.success(["done": .bool(done)])) }

    @Test func `done is a success that says settled`() async {
        let tools = make([.failing(.timeout)], reads: [read(false), read(true)])
        let result = await run(tools)
        #expect(result.success)
        #expect(result.data == ["settled": true, "checked_with": "list", "result": ["done": true]])
        #expect(tools.0.calls.count == 1)
    }

    @Test func `not done after the whole time is safe to repeat`() async {
        let tools = make([.failing(.serverError, status: 502), .ok], reads: (0..<20).map { _ in read(false) })
        let time = InstantTime()
        let result = await run(tools, time: time)
        #expect(result.success)
        #expect(tools.0.calls.count == 2)
        #expect(time.elapsed() == .seconds(10))
        #expect(Set(tools.1.calls.map(\.idempotencyKey)).count == tools.1.calls.count)
    }

    @Test func `a read that fails once is one look less`() async {
        let tools = make([.failing(.timeout), .ok], reads: [.failing(.serverError), read(false), .failing(.timeout), read(true)])
        let result = await run(tools)
        #expect(result.success && result.data?["settled"] == true)
        #expect(tools.0.calls.count == 1 && tools.1.calls.count == 4)
    }

    @Test func `a read that fails to the end leaves it uncertain`() async {
        let tools = make([.failing(.timeout), .ok], reads: [read(false), .failing(.rejected)])
        let time = InstantTime()
        let result = await run(tools, time: time)
        #expect(time.elapsed() == .seconds(10), "it was asked for as long as the service may take")
        #expect(result.uncertain)
        #expect(result.code == "uncertain_effect")
        #expect(tools.0.calls.count == 1)
    }

    @Test func `a settling tool that writes is not used`() async {
        let settlement = ToolSettlement(tool: "list", within: .zero, arguments: { _ in [:] }, isDone: { _, _ in true })
        let tool = ScriptedTool(.test("create", effect: .write, settles: true), [.failing(.timeout)], settlement: settlement)
        let lister = ScriptedTool(.test("list", effect: .write), [.ok])
        #expect(await run((tool, lister)).uncertain)
        #expect(lister.calls.isEmpty)
    }

    @Test func `after a crash a call is settled before it leaves again`() async {
        let tools = make([.ok], reads: [read(true)])
        let registry = ToolCatalog([tools.0, tools.1]).everything
        let result = await ToolRuntime.test(InstantTime()).recover(.test("create"), in: registry)
        #expect(result.data?["settled"] == true)
        #expect(tools.0.calls.isEmpty)
    }

    @Test func `a tool may say how long its service remembers a key`() async {
        var definition = ToolDefinition.test("set", effect: .critical, idempotent: true)
        definition.idempotencyWindow = .seconds(60)
        let tool = ScriptedTool(definition, [.ok, .ok])
        let clock = ManualClock()
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom())
        let registry = ToolCatalog([tool]).everything
        clock.advance(by: .seconds(59))
        #expect(await runtime.recover(.test("set"), in: registry).success)
        clock.advance(by: .seconds(2))
        #expect(await runtime.recover(.test("set"), in: registry).code == "uncertain_effect")
        #expect(tool.calls.count == 1)
    }

    @Test(arguments: [(ToolAttempt.Failure.timeout, 1), (.serverError, 1), (.rateLimited, 2), (.notSent, 2)])
    func `a key that is too old is not sent again within a call either`(failure: ToolAttempt.Failure, attempts: Int) async {
        var definition = ToolDefinition.test("set", effect: .critical, idempotent: true)
        definition.idempotencyWindow = .seconds(60)
        let clock = ManualClock()
        let tool = ScriptedTool(definition, [.failing(failure), .ok])
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom())
        clock.advance(by: .seconds(61))
        let result = await runtime.execute(.test("set"), in: ToolCatalog([tool]).everything)
        #expect(tool.calls.count == attempts)
        #expect(result.uncertain == (attempts == 1))
    }

    @Test func `after a crash an idempotent call is repeated under its key, but not after a day`() async {
        let tool = ScriptedTool(.test("set", effect: .critical, idempotent: true), [.ok, .ok])
        let clock = ManualClock()
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom())
        let registry = ToolCatalog([tool]).everything
        #expect(await runtime.recover(.test("set"), in: registry).success)
        clock.advance(by: .seconds(86_401))
        #expect(await runtime.recover(.test("set"), in: registry).code == "uncertain_effect")
        #expect(tool.calls.count == 1)
    }
}
