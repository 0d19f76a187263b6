import BatutaCore

/// The state of a `ResponseCache` on its node: answers in memory and questions under way. Knows no clock and no lock.
struct AnswerShelf {
    typealias Waiter = CheckedContinuation<ResponseCache.Landing?, Never>

    enum Look {
        case kept(CachedAnswer)
        /// Somebody is asking the same right now.
        case wait(flight: Int)
        case nothing
    }

    private struct Entry {
        var answer: CachedAnswer
        var used: Int
    }

    private struct Flight {
        var number: Int
        var waiters: [Int: Waiter] = [:]
    }

    private let limits: ResponseCache.Limits
    private var entries: [ResponseCacheKey: Entry] = [:]
    private var flights: [ResponseCacheKey: Flight] = [:]
    private var bytes = 0
    private var tick = 0

    init(limits: ResponseCache.Limits) { self.limits = limits }

    var count: Int { entries.count }

    /// - Parameter oldest: Answers that were made before are too old.
    mutating func answer(to key: ResponseCacheKey, since oldest: Timestamp) -> CachedAnswer? {
        guard let place = entries.index(forKey: key) else { return nil }
        guard entries.values[place].answer.madeAt > oldest else { return nil }
        tick += 1
        entries.values[place].used = tick
        return entries.values[place].answer
    }

    mutating func look(for key: ResponseCacheKey, since oldest: Timestamp) -> Look {
        if let answer = answer(to: key, since: oldest) { return .kept(answer) }
        return flights[key].map { .wait(flight: $0.number) } ?? .nothing
    }

    /// Begins a flight, unless there is one or an answer by now.
    mutating func lead(_ key: ResponseCacheKey, since oldest: Timestamp) -> (look: Look, flight: Int?) {
        let look = look(for: key, since: oldest)
        guard case .nothing = look else { return (look, nil) }
        let number = seat()
        flights[key] = Flight(number: number)
        return (.nothing, number)
    }

    /// A number that nobody had before.
    mutating func seat() -> Int {
        tick += 1
        return tick
    }

    mutating func join(_ flight: Int, key: ResponseCacheKey, seat: Int, _ waiter: Waiter) -> Bool {
        guard flights[key]?.number == flight else { return false }
        flights[key]?.waiters[seat] = waiter
        return true
    }

    mutating func leave(key: ResponseCacheKey, seat: Int) -> Waiter? { flights[key]?.waiters.removeValue(forKey: seat) }

    /// Ends a flight; gives those who waited for it.
    mutating func land(_ number: Int, key: ResponseCacheKey) -> [Waiter] {
        guard flights[key]?.number == number, let flight = flights.removeValue(forKey: key) else { return [] }
        return Array(flight.waiters.values)
    }

    mutating func keep(_ answer: CachedAnswer, for key: ResponseCacheKey) {
        remove(key)
        entries[key] = Entry(answer: answer, used: seat())
        bytes += answer.size
        if entries.count > limits.entries || bytes > limits.bytes { shrink() }
    }

    mutating func forget(_ session: SessionID) {
        for key in entries.filter({ $0.value.answer.session == session }).keys { remove(key) }
    }

    private mutating func remove(_ key: ResponseCacheKey) {
        if let entry = entries.removeValue(forKey: key) { bytes -= entry.answer.size }
    }

    /// To nine tenths, so that not every further answer pays for the search.
    private mutating func shrink() {
        for (key, _) in entries.sorted(by: { $0.value.used < $1.value.used }) {
            guard entries.count > limits.entries * 9 / 10 || bytes > limits.bytes / 10 * 9 else { return }
            remove(key)
        }
    }
}
