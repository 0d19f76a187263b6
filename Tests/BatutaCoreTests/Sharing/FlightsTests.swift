import BatutaCore
import Synchronization
import Testing

@Suite struct FlightsTests {
    private final class Board: Sendable {
        let flights = Mutex(Flights<String, Int>())
        let seated = Mutex(0)

        func wait(_ flight: Int, beforeJoining: @escaping @Sendable () -> Void = {}) async -> Int? {
            let seat = flights.withLock { $0.seat() }
            return await Flights<String, Int>.wait { waiter in
                beforeJoining()
                let sits = flights.withLock { $0.join(flight, "key", seat: seat, waiter) }
                if sits { seated.withLock { $0 += 1 } }
                return sits
            } leave: {
                flights.withLock { $0.leave("key", seat: seat) }
            }
        }
    }

    @Test func `one works for all, and a flight that is over is waited for by nobody`() async throws {
        let board = Board()
        let flight = try #require(board.flights.withLock { $0.begin("key") })
        #expect(board.flights.withLock { $0.begin("key") } == nil)
        async let waits = board.wait(flight)
        while board.seated.withLock({ $0 }) == 0 { await Task.yield() }
        let waiters = board.flights.withLock { $0.land(flight, "key") } ?? []
        #expect(waiters.count == 1)
        for waiter in waiters { waiter.resume(returning: 7) }
        #expect(await waits == 7)
        #expect(await board.wait(flight) == nil)
    }

    @Test func `whoever is cut just before it sits down does not wait for ever`() async throws {
        let board = Board()
        let flight = try #require(board.flights.withLock { $0.begin("key") })
        let waiting = Task {
            await board.wait(flight) { withUnsafeCurrentTask { $0?.cancel() } }
        }
        #expect(await waiting.value == nil)
    }
}

@Suite struct RecentEntriesTests {
    @Test func `the least recently used go first, by number and by bytes`() {
        var entries = RecentEntries<Int, String>(most: 10, mostBytes: 1_000)
        for number in 0..<10 { entries.keep("\(number)", for: number, bytes: 10) }
        #expect(entries.use(0, if: { _ in true }) == "0")
        entries.keep("10", for: 10, bytes: 10)
        #expect(entries.count == 9 && entries.use(0, if: { _ in true }) == "0" && entries.use(1, if: { _ in true }) == nil)
        var sized = RecentEntries<Int, String>(most: 10, mostBytes: 100)
        for number in 0..<6 { sized.keep("\(number)", for: number, bytes: 20) }
        #expect(sized.count == 4 && sized.use(5, if: { _ in true }) == "5" && sized.use(1, if: { _ in true }) == nil)
    }

    @Test func `what is gone anyway goes before what is good`() {
        var entries = RecentEntries<Int, String>(most: 10, mostBytes: 1_000)
        for number in 0..<10 { entries.keep(number < 5 ? "good" : "gone", for: number, bytes: 1) }
        entries.keep("new", for: 10, bytes: 1) { $0 == "gone" }
        #expect(entries.count == 6 && entries.use(0, if: { $0 == "good" }) == "good" && entries.use(9, if: { _ in true }) == nil)
    }
}
