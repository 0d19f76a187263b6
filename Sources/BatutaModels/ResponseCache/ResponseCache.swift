public import BatutaCore
public import BatutaStorage
import Synchronization

/// Gives answers of models again when the same is asked by the same user (`response_cache`), and lets one ask for all who ask the same at once.
///
/// Where this process is the only one of its store, answers are in memory too; else the store is asked each time, so that what one node forgets
/// no other gives.
public final class ResponseCache: Sendable {
    /// Bounds of memory; the least recently used go first.
    public struct Limits: Sendable {
        public var entries: Int
        public var bytes: Int

        public init(entries: Int = 10_000, bytes: Int = 64 << 20) {
            self.entries = entries
            self.bytes = bytes
        }
    }

    /// What became of a question that others waited for.
    enum Landing: Sendable {
        case answered(CachedAnswer)
        /// No answer that others may have: each asks for itself.
        case unshared
        /// Whoever asked was cut: another one asks in its place.
        case abandoned
    }

    /// What somebody who wants to ask has to do.
    public enum Look: Sendable {
        case kept(CachedAnswer)
        /// Ask, and let the others know through the flight what came of it.
        case ask(Flight)
        /// Ask for oneself: what others got cannot be shared.
        case askAlone
        /// The asker was cut while it waited.
        case cut
    }

    let store: ResponseCacheStore
    let clock: any ProjectClock
    let isShared: Bool
    let library = Mutex(QuestionLibrary())
    private let shelf: Mutex<AnswerShelf>

    /// - Parameter isShared: Whether other processes work on the store.
    public init(database: any Database, clock: any ProjectClock, isShared: Bool = false, limits: Limits = Limits()) {
        store = ResponseCacheStore(database: database)
        self.clock = clock
        self.isShared = isShared
        shelf = Mutex(AnswerShelf(limits: limits))
    }

    /// The answer that is in memory; nil when only the store can tell.
    public func remembered(_ key: ResponseCacheKey, for lifetime: Duration) -> CachedAnswer? {
        guard !isShared else { return nil }
        let oldest = clock.now().advanced(by: .zero - lifetime)
        return shelf.withLock { $0.answer(to: key, since: oldest) }
    }

    /// Looks for an answer; waits while somebody on this node asks the same.
    ///
    /// - Parameter lifetime: How old an answer may be.
    public func look(for key: ResponseCacheKey, within lifetime: Duration) async throws -> Look {
        while !Task.isCancelled {
            if let look = try await glance(at: key, within: lifetime) { return look }
        }
        return .cut
    }

    /// - Returns: nil when whoever was waited for is gone: look again.
    private func glance(at key: ResponseCacheKey, within lifetime: Duration) async throws -> Look? {
        let now = clock.now(), oldest = now.advanced(by: .zero - lifetime)
        let first = shelf.withLock { $0.look(for: key, since: oldest) }
        guard case .nothing = first else { return await follow(first, key) }
        if let answer = try await stored(key, since: oldest, at: now) { return .kept(answer) }
        let (second, flight) = shelf.withLock { $0.lead(key, since: oldest) }
        if let flight { return .ask(Flight(self, key, flight)) }
        return await follow(second, key)
    }

    private func follow(_ look: AnswerShelf.Look, _ key: ResponseCacheKey) async -> Look? {
        switch look {
        case .kept(let answer): return .kept(answer)
        case .nothing: return nil
        case .wait(let flight):
            let landing = await wait(for: flight, key)
            return landing.flatMap { Self.look(after: $0) }
        }
    }

    private static func look(after landing: Landing) -> Look? {
        switch landing {
        case .answered(let answer): .kept(answer)
        case .unshared: .askAlone
        case .abandoned: nil
        }
    }

    /// Puts an answer that came without a flight in the place of what was kept.
    public func keep(_ answer: CachedAnswer, for key: ResponseCacheKey) {
        if !isShared { shelf.withLock { $0.keep(answer, for: key) } }
    }

    /// Forgets what came of a session that is deleted.
    public func forget(_ session: SessionID) {
        shelf.withLock { $0.forget(session) }
        library.withLock { $0.forget(session) }
    }

    /// Lets nobody have again what a run was given in a model's place, and what of it was kept: somebody thinks badly of it.
    ///
    /// - Parameter root: The run that people see.
    public func evict(usedBy root: RunID) async throws {
        let keys = try await store.evict(usedBy: root)
        guard !keys.isEmpty else { return }
        shelf.withLock { $0.remove(keys) }
        library.withLock { $0.remove(keys) }
    }

    /// The answer in memory, else in the store.
    func kept(_ key: ResponseCacheKey, since oldest: Timestamp, at now: Timestamp) async throws -> CachedAnswer? {
        if let answer = shelf.withLock({ $0.answer(to: key, since: oldest) }) { return answer }
        return try await stored(key, since: oldest, at: now)
    }

    private func stored(_ key: ResponseCacheKey, since oldest: Timestamp, at now: Timestamp) async throws -> CachedAnswer? {
        guard let answer = try await store.find(key, since: oldest, at: now) else { return nil }
        if !isShared { shelf.withLock { $0.keep(answer, for: key) } }
        return answer
    }

    fileprivate func land(_ flight: Int, _ key: ResponseCacheKey, _ landing: Landing) {
        let waiters = shelf.withLock { shelf in
            if case .answered(let answer) = landing, !isShared { shelf.keep(answer, for: key) }
            return shelf.flights.land(flight, key)
        }
        for waiter in waiters ?? [] { waiter.resume(returning: landing) }
    }

    private func wait(for flight: Int, _ key: ResponseCacheKey) async -> Landing? {
        let seat = shelf.withLock { $0.flights.seat() }
        return await Flights<ResponseCacheKey, Landing>.wait { waiter in
            shelf.withLock { $0.flights.join(flight, key, seat: seat, waiter) }
        } leave: {
            shelf.withLock { $0.flights.leave(key, seat: seat) }
        }
    }
}

extension ResponseCache {
    /// A question that is under way for all who ask the same. Whatever becomes of its holder, nobody waits for ever: one that is let go without a
    /// word lets another ask.
    public final class Flight: Sendable {
        private let cache: ResponseCache
        private let key: ResponseCacheKey
        private let number: Int

        fileprivate init(_ cache: ResponseCache, _ key: ResponseCacheKey, _ number: Int) {
            self.cache = cache
            self.key = key
            self.number = number
        }

        deinit { cache.land(number, key, .abandoned) }

        /// The answer is there, for everybody.
        public func land(_ answer: CachedAnswer) { cache.land(number, key, .answered(answer)) }

        /// There is none that others may have.
        public func landUnshared() { cache.land(number, key, .unshared) }
    }
}
