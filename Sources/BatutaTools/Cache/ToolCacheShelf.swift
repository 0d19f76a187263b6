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
    typealias Waiter = CheckedContinuation<ToolResult?, Never>

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
        var bytes: Int
        var used: Int
    }

    private struct Flight {
        var number: Int
        var tags: Set<String>
        var isStale = false
        var waiters: [Int: Waiter] = [:]
    }

    private let limits: ToolResultCache.Limits
    private(set) var counts = ToolResultCache.Counts()
    private var entries: [ToolCacheKey: Entry] = [:]
    private var flights: [ToolCacheKey: Flight] = [:]
    private var bytes = 0
    private var tick = 0

    init(limits: ToolResultCache.Limits) { self.limits = limits }

    mutating func look(for key: ToolCacheKey, plan: ToolCachePlan, now: Timestamp) -> Look {
        if let entry = entries[key] {
            if now < entry.until {
                let used = seat()
                entries[key]?.used = used
                counts.hits += 1
                return .kept(entry.result)
            }
            remove(key)
        }
        if let flight = flights[key], !flight.isStale {
            counts.hits += 1
            return .wait(flight: flight.number)
        }
        counts.misses += 1
        let number = seat()
        if flights[key] == nil { flights[key] = Flight(number: number, tags: Set(plan.tags)) }
        return .fetch(flight: number)
    }

    /// A number that nobody had before.
    mutating func seat() -> Int {
        tick += 1
        return tick
    }

    mutating func join(_ flight: Int, key: ToolCacheKey, seat: Int, _ waiter: Waiter) -> Bool {
        guard flights[key]?.number == flight else { return false }
        flights[key]?.waiters[seat] = waiter
        return true
    }

    mutating func leave(key: ToolCacheKey, seat: Int) -> Waiter? { flights[key]?.waiters.removeValue(forKey: seat) }

    /// Ends a flight, keeps its result if that may be kept, and returns who waited for it.
    mutating func land(_ number: Int, key: ToolCacheKey, plan: ToolCachePlan, result: ToolResult, now: Timestamp) -> [Waiter] {
        guard let flight = flights[key], flight.number == number else { return [] }
        flights[key] = nil
        let size = result.data?.bytes.count ?? 0
        if result.success, !flight.isStale, plan.ttl > .zero, size <= limits.entryBytes {
            keep(result, key: key, plan: plan, size: size, now: now)
        }
        return Array(flight.waiters.values)
    }

    /// Forgets what the marks name, and keeps no result of it that is being fetched; tells how many were forgotten.
    mutating func forget(_ marks: [ToolCacheMark]) -> Int {
        let named = StaleResults(marks)
        for (key, flight) in flights where named.meet(key, flight.tags) { flights[key]?.isStale = true }
        let stale = entries.filter { named.meet($0.key, $0.value.tags) }.keys
        for key in stale { remove(key) }
        return stale.count
    }

    private mutating func keep(_ result: ToolResult, key: ToolCacheKey, plan: ToolCachePlan, size: Int, now: Timestamp) {
        var kept = result
        kept.cached = true
        kept.attempts = 0
        kept.duration = .zero
        remove(key)
        entries[key] = Entry(result: kept, until: now.advanced(by: plan.ttl), tags: Set(plan.tags), bytes: size, used: seat())
        bytes += size
        if entries.count > limits.entries || bytes > limits.bytes { shrink(now) }
    }

    private mutating func remove(_ key: ToolCacheKey) {
        if let entry = entries.removeValue(forKey: key) { bytes -= entry.bytes }
    }

    /// To nine tenths, so that not every further result pays for the search.
    private mutating func shrink(_ now: Timestamp) {
        for key in entries.filter({ $0.value.until <= now }).keys { remove(key) }
        for (key, _) in entries.sorted(by: { $0.value.used < $1.value.used }) {
            guard entries.count > limits.entries * 9 / 10 || bytes > limits.bytes / 10 * 9 else { return }
            remove(key)
        }
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
