/// Which jobs a node asks for: as many as it has hands free, from the lanes that may have work, in equal shares. A value; knows no store.
///
/// A lane is one tenant's jobs of one queue. Queues have slots of their own, so none starves another; within a queue whoever has least at work here goes
/// first, so a tenant with a thousand jobs takes what the others leave.
struct ClaimPlan: Sendable {
    /// So many jobs of a lane at most.
    struct Claim: Sendable, Hashable {
        var lane: Lane
        var count: Int
    }

    /// What one commit takes at most.
    static let most = 256

    private var queues: [String: Hands]

    init(_ limits: [String: QueueLimits]) { queues = limits.mapValues { Hands(slots: $0.slots) } }

    /// A lane may have work.
    /// - Returns: Whether there is a hand free for it here.
    mutating func mayHaveWork(_ lane: Lane) -> Bool { queues[lane.queue]?.mayHaveWork(lane.tenant) ?? false }

    /// What to ask for now. Each claim has to be answered.
    mutating func next() -> [Claim] {
        var claims: [Claim] = []
        for name in queues.keys.sorted() {
            for (tenant, count) in queues[name]?.next() ?? [] {
                claims.append(Claim(lane: Lane(queue: name, tenant: tenant), count: count))
            }
        }
        return claims
    }

    /// So many came. A lane that had fewer than it was asked for is empty, unless it was heard of meanwhile.
    mutating func answered(_ claim: Claim, got count: Int) {
        queues[claim.lane.queue]?.answered(claim.lane.tenant, asked: claim.count, got: count)
    }

    /// Nobody knows what came of it: the lane is asked again.
    mutating func failed(_ claim: Claim) {
        queues[claim.lane.queue]?.busy -= claim.count
        _ = mayHaveWork(claim.lane)
    }

    /// A job of the lane runs here no more.
    mutating func ended(_ lane: Lane) { queues[lane.queue]?.ended(lane.tenant) }

    /// Whether nothing runs here and nothing is asked for.
    var isIdle: Bool { queues.values.allSatisfy { $0.busy == 0 } }

    /// Gives one after the other to whoever has least; among equals to whoever waits longest.
    static func shares(of free: Int, among tenants: [String], running: [String: Int]) -> [(tenant: String, count: Int)] {
        let asked = tenants.enumerated().map { (place: $0.offset, tenant: $0.element, has: running[$0.element] ?? 0) }
            .sorted { ($0.has, $0.place) < ($1.has, $1.place) }.prefix(free)
        guard asked.count > 1 else { return asked.map { ($0.tenant, free) } }
        var has = asked.map(\.has)
        var counts = [Int](repeating: 0, count: has.count)
        for _ in 0..<free {
            guard let least = has.indices.min(by: { has[$0] < has[$1] }) else { break }
            has[least] += 1
            counts[least] += 1
        }
        return zip(asked, counts).compactMap { $1 > 0 ? ($0.tenant, $1) : nil }
    }
}

extension ClaimPlan {
    /// What a node has to do with one queue.
    private struct Hands: Sendable {
        var slots: Int
        /// Jobs that run here, and those that are being asked for.
        var busy = 0
        var running: [String: Int] = [:]
        /// Tenants that may have work, whoever waits longest first.
        var tenants: [String] = []
        /// Those that were heard of since they were last asked.
        var fresh: Set<String> = []

        init(slots: Int) { self.slots = slots }

        private var free: Int { max(slots - busy, 0) }

        mutating func mayHaveWork(_ tenant: String) -> Bool {
            if fresh.insert(tenant).inserted, !tenants.contains(tenant) { tenants.append(tenant) }
            return free > 0
        }

        mutating func next() -> [(tenant: String, count: Int)] {
            guard free > 0, !tenants.isEmpty else { return [] }
            let shares = ClaimPlan.shares(of: min(free, most), among: tenants, running: running)
            for (tenant, count) in shares {
                busy += count
                fresh.remove(tenant)
            }
            return shares
        }

        mutating func answered(_ tenant: String, asked: Int, got: Int) {
            busy -= asked - got
            if got > 0 { running[tenant, default: 0] += got }
            tenants.removeAll { $0 == tenant }
            if got == asked || fresh.contains(tenant) { tenants.append(tenant) }
        }

        mutating func ended(_ tenant: String) {
            busy -= 1
            let left = (running[tenant] ?? 1) - 1
            running[tenant] = left > 0 ? left : nil
        }
    }
}
