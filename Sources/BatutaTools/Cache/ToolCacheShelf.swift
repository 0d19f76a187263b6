import BatutaCore

/// What makes two calls the same: tool and its revision, who shares the result, and the arguments in canonical form.
struct ToolCacheKey: Hashable, Sendable {
    let tool: String
    let revision: Int
    let partition: String
    let arguments: JSON

    init(tool: String, plan: ToolCachePlan, arguments: JSON) {
        self.tool = tool
        revision = plan.revision
        partition = plan.partition
        self.arguments = arguments
    }
}

/// The state of a `ToolResultCache`; knows no clock and no lock.
struct ToolCacheShelf {
    enum Look {
        case kept(ToolResult)
        /// The caller fetches, and lands this flight afterwards.
        case fetch(flight: Int)
        case wait(flight: Int)
    }

    private struct Entry {
        var result: ToolResult
        var until: Timestamp
        var tags: Set<String>
    }

    /// What is known of a result before it is there.
    private struct Fetch {
        var tags: Set<String>
        /// A write came in between: it may be of before, or of after.
        var isStale = false
    }

    private let entryBytes: Int
    private(set) var counts = ToolResultCache.Counts()
    private var entries: RecentEntries<ToolCacheKey, Entry>
    private var fetches: [ToolCacheKey: Fetch] = [:]
    var flights = Flights<ToolCacheKey, ToolResult>()

    init(limits: ToolResultCache.Limits) {
        entryBytes = limits.entryBytes
        entries = RecentEntries(most: limits.entries, mostBytes: limits.bytes)
    }

    mutating func look(for key: ToolCacheKey, plan: ToolCachePlan, now: Timestamp) -> Look {
        if let entry = entries.use(key, if: { now < $0.until }) {
            counts.hits += 1
            return .kept(entry.result)
        }
        entries.remove(key)
        if let flight = flights[key], fetches[key]?.isStale == false {
            counts.hits += 1
            return .wait(flight: flight)
        }
        counts.misses += 1
        // Beside a stale one it fetches for itself alone.
        guard let flight = flights.begin(key) else { return .fetch(flight: flights.seat()) }
        fetches[key] = Fetch(tags: Set(plan.tags))
        return .fetch(flight: flight)
    }

    /// Ends a flight, keeps its result if that may be kept, and returns who waited for it.
    mutating func land(
        _ number: Int,
        key: ToolCacheKey,
        plan: ToolCachePlan,
        result: ToolResult,
        now: Timestamp
    ) -> [Flights<ToolCacheKey, ToolResult>.Waiter] {
        guard let waiters = flights.land(number, key) else { return [] }
        let isStale = fetches.removeValue(forKey: key)?.isStale ?? true
        let size = result.data?.bytes.count ?? 0
        if result.success, !isStale, plan.ttl > .zero, size <= entryBytes { keep(result, key: key, plan: plan, size: size, now: now) }
        return waiters
    }

    /// Forgets what the marks name, and keeps no result of it that is being fetched; tells how many were forgotten.
    mutating func forget(_ marks: [ToolCacheMark]) -> Int {
        let named = StaleResults(marks)
        for (key, fetch) in fetches where named.meet(key, fetch.tags) { fetches[key]?.isStale = true }
        return entries.removeAll { key, entry in named.meet(key, entry.tags) }
    }

    private mutating func keep(_ result: ToolResult, key: ToolCacheKey, plan: ToolCachePlan, size: Int, now: Timestamp) {
        var kept = result
        kept.cached = true
        kept.attempts = 0
        kept.duration = .zero
        let entry = Entry(result: kept, until: now.advanced(by: plan.ttl), tags: Set(plan.tags))
        entries.keep(entry, for: key, bytes: size) { $0.until <= now }
    }
}

/// Marks, made ready for comparing many results with them; a tag with `*` in it stands for every tag that it fits.
private struct StaleResults {
    private var isEverything = false
    private var plain: Set<String> = []
    private var patterns: [ToolPattern] = []
    private var partitions: Set<String> = []

    init(_ marks: [ToolCacheMark]) {
        for mark in marks {
            switch mark {
            case .tag(let tag) where tag.contains("*"): patterns.append(ToolPattern(tag))
            case .tag(let tag): plain.insert(tag)
            case .partition(let name): partitions.insert(name)
            case .everything: isEverything = true
            }
        }
    }

    func meet(_ key: ToolCacheKey, _ tags: Set<String>) -> Bool {
        isEverything || partitions.contains(key.partition) || !plain.isDisjoint(with: tags)
            || patterns.contains { pattern in tags.contains { pattern.matches($0) } }
    }
}
