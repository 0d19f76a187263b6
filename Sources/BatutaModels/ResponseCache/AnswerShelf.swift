import BatutaCore

/// The state of a `ResponseCache` on its node: answers in memory and questions under way. Knows no clock and no lock.
struct AnswerShelf {
    enum Look {
        case kept(CachedAnswer)
        /// Somebody is asking the same right now.
        case wait(flight: Int)
        case nothing
    }

    private var answers: RecentEntries<ResponseCacheKey, CachedAnswer>
    var flights = Flights<ResponseCacheKey, ResponseCache.Landing>()

    init(limits: ResponseCache.Limits) { answers = RecentEntries(most: limits.entries, mostBytes: limits.bytes) }

    var count: Int { answers.count }

    /// - Parameter oldest: Answers that were made before are too old.
    mutating func answer(to key: ResponseCacheKey, since oldest: Timestamp) -> CachedAnswer? {
        answers.use(key) { $0.madeAt > oldest }
    }

    mutating func look(for key: ResponseCacheKey, since oldest: Timestamp) -> Look {
        if let answer = answer(to: key, since: oldest) { return .kept(answer) }
        return flights[key].map(Look.wait) ?? .nothing
    }

    /// Begins a flight, unless there is one or an answer by now.
    mutating func lead(_ key: ResponseCacheKey, since oldest: Timestamp) -> (look: Look, flight: Int?) {
        let look = look(for: key, since: oldest)
        guard case .nothing = look else { return (look, nil) }
        return (.nothing, flights.begin(key))
    }

    mutating func keep(_ answer: CachedAnswer, for key: ResponseCacheKey) { answers.keep(answer, for: key, bytes: answer.size) }

    mutating func remove(_ keys: [ResponseCacheKey]) { for key in keys { answers.remove(key) } }

    mutating func forget(_ session: SessionID) { answers.removeAll { _, answer in answer.session == session } }
}
