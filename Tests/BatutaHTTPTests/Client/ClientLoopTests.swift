import Glibc
import Testing

@testable import BatutaHTTP

@Suite struct `Network loop` {
    let loop: NetworkLoop
    init() throws { loop = try #require(NetworkLoop()) }

    @Test func `a task that prefers the loop runs there, with its children`() async throws {
        let loop = loop
        let places = await Task(executorPreference: loop) {
            async let child = loop.isCurrent
            let before = loop.isCurrent
            await Task.yield()
            return [before, await child, loop.isCurrent]
        }.value
        #expect(places == [true, true, true])
        #expect(!loop.isCurrent)
        loop.shutdown()
    }

    @Test func `jobs from many tasks are all run`() async {
        let loop = loop
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<2_000 {
                group.addTask {
                    await withTaskExecutorPreference(loop) {
                        await Task.yield()
                        return number
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 1_999_000)
        #expect(loop.takeLag().turns > 0)
        loop.shutdown()
    }

    @Test func `sleepers wake in the order of their moments`() async throws {
        let loop = loop
        let order = Locked<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for milliseconds in [60, 20, 40, 0] {
                group.addTask {
                    try await loop.sleep(for: .milliseconds(milliseconds))
                    order.change { $0.append(milliseconds) }
                }
            }
            try await group.waitForAll()
        }
        #expect(order.value.count == 4)
        loop.shutdown()
    }

    @Test func `an alarm rings once, on the loop; one that is cancelled never does`() async throws {
        let loop = loop
        let rings = Locked<[Bool]>([])
        let cancelled = loop.alarm(after: .milliseconds(1_500)) { rings.change { $0.append(false) } }
        let late = loop.alarm(after: .milliseconds(10)) { rings.change { $0.append(loop.isCurrent) } }
        cancelled.cancel()
        try await loop.sleep(for: .milliseconds(1_700))
        late.cancel()
        #expect(rings.value == [true])
        loop.shutdown()
    }

    @Test func `a cancelled sleeper wakes at once, and so does one whose loop shuts down`() async throws {
        let loop = loop
        let first = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3_600)) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let started = ArrivalSignal()
        let second = Task(executorPreference: loop) {
            started.set()
            try await loop.sleep(for: .seconds(Int64.max))
        }
        await started.wait()
        loop.shutdown()
        await #expect(throws: CancellationError.self) { try await second.value }
        await #expect(throws: CancellationError.self) { try await loop.sleep(for: .seconds(1)) }
    }

    @Test func `an answer that came in time counts, however late the thread looks`() async throws {
        let client = try HTTPClient()
        let limit = Duration.seconds(2)
        let server = RawServer { connection in
            _ = connection.readRequest()
            let (stands, answered) = (ArrivalSignal(), ArrivalSignal())
            _ = client.loop.perform {
                stands.set()
                answered.block()
                let end = ContinuousClock.now + limit
                while ContinuousClock.now < end { usleep(1_000) }
            }
            stands.block()
            connection.respond("here")
            answered.set()
            connection.waitForClose()
        }
        defer { server.stop() }
        let response = try await client.fetch(ClientRequest(url: server.url, timeouts: .init(firstByte: limit)))
        #expect(String(decoding: response.body, as: UTF8.self) == "here")
        client.shutdown()
    }

    @Test func `after the end, jobs still run`() async {
        let loop = loop
        loop.shutdown()
        for _ in 0..<100 { #expect(await Task(executorPreference: loop) { 1 }.value == 1) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the timer heap gives out what is due, in order, whatever was taken away`(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var timers = LoopTimers()
        var kept: [LoopTimer] = []
        for _ in 0..<500 {
            let timer = LoopTimer(due: .random(in: 0..<1_000, using: &random)) { _ in }
            timers.add(timer)
            if Bool.random(using: &random), let index = kept.indices.randomElement(using: &random) { timers.remove(kept.remove(at: index)) }
            kept.append(timer)
        }
        var due: [UInt64] = []
        while let timer = timers.popDue(at: 500) { due.append(timer.due) }
        #expect(due == kept.map(\.due).filter { $0 <= 500 }.sorted())
        #expect(timers.earliest == kept.map(\.due).filter { $0 > 500 }.min())
    }

    @Test func `lag is told by its largest value and its percentiles, once`() {
        var histogram = LagHistogram()
        for _ in 0..<98 { histogram.record(nanoseconds: 900) }
        histogram.record(nanoseconds: 3_000_000)
        histogram.record(nanoseconds: .max)
        let lag = histogram.take()
        #expect(lag.turns == 100)
        #expect(lag.p50 == .microseconds(1))
        #expect(lag.p99 >= .milliseconds(3) && lag.p99 <= .milliseconds(5))
        #expect(lag.maximum == .nanoseconds(Int64.max))
        #expect(histogram.take().turns == 0)
    }
}

@Suite struct `Transfer deadlines` {
    private static let limits = ClientRequest.Timeouts(firstByte: .seconds(60), betweenBytes: .seconds(30))
    private static let second: UInt64 = 1_000_000_000

    @Test(
        arguments: [
            (nil, nil, 0, .wait(until: 60)), (nil, nil, 59, .wait(until: 60)), (nil, nil, 60, .expired(.firstByteTimeout)),
            (10, nil, 39, .wait(until: 40)), (10, nil, 40, .expired(.idleTimeout)), (50, nil, 61, .wait(until: 80)),
            (nil, 20, 5, .wait(until: 20)), (nil, 20, 20, .expired(.totalTimeout)), (15, 20, 20, .expired(.totalTimeout)),
            (nil, 100, 60, .expired(.firstByteTimeout)),
        ] as [(UInt64?, Int?, UInt64, TransferDeadlines.Verdict)]
    )
    func `API 5 the earliest limit decides`(heard: UInt64?, total: Int?, now: UInt64, expected: TransferDeadlines.Verdict) {
        let unit = Self.second
        var limits = Self.limits
        limits.total = total.map { .seconds($0) }
        let deadlines = TransferDeadlines(timeouts: limits, began: 0, hopBegan: 0, heardAt: heard.map { $0 * unit })
        switch expected {
        case .wait(let until): #expect(deadlines.verdict(at: now * unit) == .wait(until: until * unit))
        case .expired, .over: #expect(deadlines.verdict(at: now * unit) == expected)
        }
    }

    @Test func `a response that has said everything has a second to end by itself`() {
        var deadlines = TransferDeadlines(timeouts: Self.limits, began: 0, hopBegan: 0, heardAt: 10 * Self.second)
        deadlines.toldAt = 10 * Self.second
        #expect(deadlines.verdict(at: 10 * Self.second) == .wait(until: 11 * Self.second))
        #expect(deadlines.verdict(at: 11 * Self.second) == .over)
    }

    @Test(arguments: [
        (Duration.seconds(Int64.max), UInt64.max), (.seconds(-5), 0), (.zero, 0), (.nanoseconds(7), 7), (.seconds(2), 2_000_000_000),
    ])
    func `durations of any size are held inside the clock`(duration: Duration, expected: UInt64) {
        #expect(duration.clampedNanoseconds == expected)
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
