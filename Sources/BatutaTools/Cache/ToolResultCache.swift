public import BatutaCore
import Synchronization

/// Results of reads that may be kept, on this node, until this or another node knows better: bounded, tagged, and fetched once however many ask at the same time (S2.97 to S2.109).
///
/// Only successes are kept. A result whose fetch began before a write made its tags stale is handed on but not kept.
public final class ToolResultCache: Sendable {
    /// Bounds of memory; the least recently used go first.
    public struct Limits: Sendable {
        public var entries: Int
        public var bytes: Int
        /// Larger results are not kept.
        public var entryBytes: Int

        public init(entries: Int = 2_000, bytes: Int = 64 << 20, entryBytes: Int = 1 << 20) {
            self.entries = entries
            self.bytes = bytes
            self.entryBytes = entryBytes
        }
    }

    /// Answers from memory and from outside since the start.
    public struct Counts: Sendable, Hashable {
        public var hits = 0
        public var misses = 0
    }

    private let clock: any ProjectClock
    private let shelf: Mutex<ToolCacheShelf>
    /// The way to the caches of other nodes; nil where there are none.
    private let sharing: ToolCacheSharing?

    public init(clock: any ProjectClock, limits: Limits = Limits(), sharing: ToolCacheSharing? = nil) {
        self.clock = clock
        self.sharing = sharing
        shelf = Mutex(ToolCacheShelf(limits: limits))
    }

    public var counts: Counts { shelf.withLock { $0.counts } }

    /// Forgets every result with one of these tags, here and on other nodes; tells how many there were here.
    @discardableResult
    public func invalidate(_ tags: [String]) async -> Int { await invalidate(tags.map(ToolCacheMark.tag)) }

    /// Forgets what was read with the accounts of a user, since one of them is another by now; "project" is everybody's.
    public func accountChanged(of owner: String) async {
        await invalidate([owner == ConnectionDefinition.projectOwner ? .everything : .partition(ToolCachePlan.partition(ofUser: owner))])
    }

    /// Forgets everything: what tools ask is made of the environment, too.
    public func environmentChanged() async { await invalidate([.everything]) }

    @discardableResult
    private func invalidate(_ marks: [ToolCacheMark]) async -> Int {
        guard !marks.isEmpty else { return 0 }
        let count = forget(marks)
        await sharing?.tell(marks)
        return count
    }

    /// Forgets on this node alone; tells how many results there were.
    @discardableResult
    func forget(_ marks: [ToolCacheMark]) -> Int { marks.isEmpty ? 0 : shelf.withLock { $0.forget(marks) } }

    /// Forgets what other nodes know to be stale, until it is cancelled.
    public func follow() async { await sharing?.follow(self) }

    /// The kept result, or the one that somebody else is just fetching, or a new one from `fetch`.
    func result(of call: ToolCall, plan: ToolCachePlan, fetch: () async -> ToolResult) async -> ToolResult {
        let key = ToolCacheKey(tool: call.tool, plan: plan, arguments: call.arguments)
        while !Task.isCancelled {
            let now = clock.now()
            switch shelf.withLock({ $0.look(for: key, plan: plan, now: now) }) {
            case .kept(let result): return result
            case .fetch(let flight):
                let result = await fetch()
                land(flight, key, plan, result)
                return result
            case .wait(let flight):
                if var result = await wait(for: flight, key) {
                    result.cached = true
                    return result
                }
            }
        }
        return await fetch()
    }

    /// What a cancelled fetch brought says nothing to those who wait: one of them fetches anew.
    private func land(_ flight: Int, _ key: ToolCacheKey, _ plan: ToolCachePlan, _ result: ToolResult) {
        let now = clock.now()
        let waiters = shelf.withLock { $0.land(flight, key: key, plan: plan, result: result, now: now) }
        let shared = result.code == ToolCode.cancelled.rawValue ? nil : result
        for waiter in waiters { waiter.resume(returning: shared) }
    }

    private func wait(for flight: Int, _ key: ToolCacheKey) async -> ToolResult? {
        let seat = shelf.withLock { $0.flights.seat() }
        return await Flights<ToolCacheKey, ToolResult>.wait { waiter in
            shelf.withLock { $0.flights.join(flight, key, seat: seat, waiter) }
        } leave: {
            shelf.withLock { $0.flights.leave(key, seat: seat) }
        }
    }
}
