import BatutaCore
import Synchronization
import Testing

@testable import BatutaTools

/// A read whose results may be kept, or a write that makes them stale; can be held back until it is let go.
final class CachedTool: CachingTool {
    let definition: ToolDefinition
    let plan: ToolCachePlan?
    let stale: [String]
    private let gate: AsyncStream<Void>?
    private let answers: Mutex<[ToolAttempt]>
    private let count = Mutex(0)
    let began: AsyncStream<Void>
    private let beginning: AsyncStream<Void>.Continuation

    init(
        _ definition: ToolDefinition,
        plan: ToolCachePlan? = nil,
        stale: [String] = [],
        gate: AsyncStream<Void>? = nil,
        answers: [ToolAttempt] = []
    ) {
        self.definition = definition
        self.plan = plan
        self.stale = stale
        self.gate = gate
        self.answers = Mutex(answers)
        (began, beginning) = AsyncStream.makeStream(of: Void.self)
    }

    var attempts: Int { count.withLock { $0 } }

    func cachePlan(for call: ToolCall) -> ToolCachePlan? {
        var plan = plan
        if plan?.partition == "user" { plan?.partition = ToolCachePlan.partition(ofUserIn: call.context) }
        return plan
    }

    func staleTags(after call: ToolCall) -> [String] { stale }

    func attempt(_ call: ToolCall) async -> ToolAttempt {
        let number = count.withLock { count in
            count += 1
            return count
        }
        beginning.yield()
        if let gate { for await _ in gate { break } }
        return answers.withLock { $0.isEmpty ? ToolAttempt(.success(["n": .int(number)])) : $0.removeFirst() }
    }
}

@Suite struct `What a kept result was asked for` {
    private func plan(
        _ profile: JSON,
        scope: HTTPToolDefinition.Cache.Scope = .user,
        namesRun: Bool = false,
        run: String = "run_1"
    ) throws -> ToolCachePlan? {
        let source = ToolClauses.Source(cache: .init(ttl: .seconds(60), scope: scope), namesRun: namesRun)
        var call = ToolCall.test("patients")
        call.context.profile = profile
        call.context.runID = RunID(trusted: run)
        return try ToolClauses(source, clock: ManualClock()).cachePlan(for: call, effect: .read)
    }

    @Test func `a profile that is corrected is not answered for the old one; what everybody shares knows nobody`() throws {
        let (old, new): (JSON, JSON) = (["clinic_id": "1"], ["clinic_id": "2"])
        #expect(try plan(old) == plan(old))
        #expect(try plan(old) != plan(new))
        #expect(try plan(old, scope: .project) == plan(new, scope: .project))
    }

    @Test func `what names the run is kept for that run`() throws {
        #expect(try plan([:], run: "run_1") == plan([:], run: "run_2"))
        #expect(try plan([:], namesRun: true, run: "run_1") != plan([:], namesRun: true, run: "run_2"))
        #expect(try plan([:], namesRun: true) == plan([:], namesRun: true))
    }
}

@Suite struct `Cache of tool results` {
    let clock = ManualClock()
    let cache: ToolResultCache
    let runtime: ToolRuntime

    init() {
        cache = ToolResultCache(clock: clock)
        runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom(), cache: cache)
    }

    private func read(
        _ plan: ToolCachePlan = ToolCachePlan(ttl: .seconds(300), partition: "user", tags: ["campaigns"]),
        _ answers: [ToolAttempt] = []
    ) -> CachedTool {
        CachedTool(.test("read", attempts: 1), plan: plan, answers: answers)
    }

    private func ask(_ tool: CachedTool, _ arguments: JSON = [:], user: String = "usr_1", fresh: Bool = false) async -> ToolResult {
        var call = ToolCall.test(tool.definition.name, arguments)
        call.context.user = ["id": .string(user)]
        return await runtime.execute(call, in: ToolCatalog([tool]).everything, fresh: fresh)
    }

    @Test func `S2.99 a second equal call within the time is answered from memory and says so`() async {
        let tool = read()
        let first = await ask(tool, ["a": 1, "b": 2.0])
        let second = await ask(tool, ["b": 2, "a": 1])
        #expect(!first.cached)
        #expect(second.cached)
        #expect(second.data == first.data)
        #expect(cache.counts.hits == 1)
        #expect(cache.counts.misses == 1)
        clock.advance(by: .seconds(300))
        #expect(!(await ask(tool, ["a": 1, "b": 2])).cached)
    }

    @Test func `S2.98 users never see each other's results, a project's users share`() async {
        let own = read()
        _ = await ask(own, user: "usr_1")
        #expect(!(await ask(own, user: "usr_2")).cached)
        let shared = read(ToolCachePlan(ttl: .seconds(300), partition: "project"))
        _ = await ask(shared, user: "usr_1")
        #expect((await ask(shared, user: "usr_2")).cached)
    }

    @Test func `other arguments and other revisions of a tool are other results`() async {
        let tool = read()
        _ = await ask(tool, ["a": 1])
        #expect(!(await ask(tool, ["a": "1"])).cached)
        #expect(!(await ask(read(ToolCachePlan(ttl: .seconds(300), partition: "user", revision: 2)), ["a": 1])).cached)
    }

    @Test func `failures are never kept`() async {
        let tool = read(ToolCachePlan(ttl: .seconds(300), partition: "user"), [.failing(.serverError, status: 500)])
        #expect(!(await ask(tool)).success)
        #expect((await ask(tool)).success)
        #expect(tool.attempts == 2)
    }

    @Test func `facts are fetched fresh`() async {
        let tool = read()
        _ = await ask(tool)
        #expect(!(await ask(tool, fresh: true)).cached)
    }

    @Test(arguments: [nil, .timeout, .rejected] as [ToolAttempt.Failure?])
    func `S2.103 a write makes the results of its tags stale, also when its fate is uncertain`(failure: ToolAttempt.Failure?) async {
        let tool = read()
        _ = await ask(tool)
        let write = CachedTool(.test("write", effect: .write), stale: ["campaigns"], answers: failure.map { [.failing($0)] } ?? [])
        _ = await ask(write)
        #expect(!(await ask(tool)).cached)
    }

    @Test func `S2.102 other tags stay, and the number of stale results is told`() async {
        let tool = read()
        _ = await ask(tool)
        #expect(await cache.invalidate(["else"]) == 0)
        #expect((await ask(tool)).cached)
        #expect(await cache.invalidate(["campaigns", "else"]) == 1)
    }

    @Test func `S2.100 many who ask at once cause one fetch`() async {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let tool = CachedTool(.test("read"), plan: ToolCachePlan(ttl: .seconds(1), partition: "user"), gate: gate)
        let results = await withTaskGroup(of: ToolResult.self) { group in
            group.addTask { await ask(tool) }
            for await _ in tool.began { break }
            for _ in 0..<20 { group.addTask { await ask(tool) } }
            while cache.counts.hits < 20, !Task.isCancelled { await Task.yield() }
            open.finish()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tool.attempts == 1)
        #expect(results.count == 21)
        #expect(results.allSatisfy { $0.data == ["n": 1] })
    }

    @Test func `a result that a write overtook is not kept`() async {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let tool = CachedTool(.test("read"), plan: ToolCachePlan(ttl: .seconds(99), partition: "user", tags: ["campaigns"]), gate: gate)
        async let early = ask(tool)
        for await _ in tool.began { break }
        await cache.invalidate(["campaigns"])
        open.finish()
        #expect((await early).success)
        #expect(!(await ask(tool)).cached)
    }

    @Test func `memory is bounded, the least recently used goes`() async {
        let small = ToolResultCache(clock: clock, limits: .init(entries: 10))
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), random: SeededRandom(), cache: small)
        let tool = read()
        func ask(_ number: Int) async -> Bool {
            await runtime.execute(.test("read", ["n": .int(number)]), in: ToolCatalog([tool]).everything).cached
        }
        for number in 0..<10 { _ = await ask(number) }
        #expect(await ask(0))
        _ = await ask(10)
        #expect(await ask(0))
        #expect(!(await ask(1)))
    }
}
