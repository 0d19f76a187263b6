import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct SliceStateMachineTests {
    /// What changes a value cannot stand in `#expect`.
    private func check(_ holds: Bool, _ comment: Comment? = nil, at place: Testing.SourceLocation = #_sourceLocation) {
        #expect(holds, comment, sourceLocation: place)
    }

    private func leased(_ amount: Int64) -> SliceStateMachine {
        var slice = SliceStateMachine()
        _ = slice.beginLease(at: 0)
        slice.endLease(granting: amount, until: 100)
        return slice
    }

    @Test func `a slice that was leased for a call was last used when it was asked for, not when it ends`() {
        var slice = SliceStateMachine()
        _ = slice.beginLease(at: 5)
        slice.endLease(granting: 10, from: 5, until: 100, reserving: 4)
        #expect(slice.lastUse == 5)
    }

    @Test func `nothing is given out of an empty slice, more than there is, or after its time`() {
        var slice = SliceStateMachine()
        check(!slice.reserve(1, at: 0))
        slice = leased(10)
        check(!slice.reserve(11, at: 0))
        check(slice.reserve(6, at: 0))
        check(!slice.reserve(5, at: 0))
        check(slice.reserve(4, at: 99))
        #expect(leased(10).available(at: 99) == 10)
        #expect(leased(10).available(at: 100) == 0)
    }

    @Test func `what a call did not need is free once its cost is on the bill, and the cost itself with the next lease`() {
        var slice = leased(10)
        check(slice.reserve(8, at: 0))
        slice.settle(8, at: 3)
        #expect(slice.reserved == 0)
        #expect(slice.available(at: 0) == 7)
        // The bill has the 3: the store need not count them for this node any more.
        check(slice.beginLease(at: 0) == 7)
        slice.endLease(granting: 20, until: 100)
        #expect(slice.available(at: 0) == 20)
    }

    @Test func `while a lease is on its way nothing is given out, and what goes on the bill meanwhile stays counted`() {
        var slice = leased(10)
        check(slice.reserve(4, at: 0))
        check(slice.beginLease(at: 0) == 10)
        check(!slice.reserve(1, at: 0))
        slice.settle(4, at: 4)
        slice.endLease(granting: 15, until: 100, reserving: 5)
        #expect(slice.reserved == 5)
        #expect(slice.available(at: 0) == 15 - 5 - 4)
    }

    @Test func `a lease that failed changes nothing; a slice that is given back keeps what is set aside`() {
        var slice = leased(10)
        check(slice.reserve(4, at: 0))
        _ = slice.beginLease(at: 0)
        slice.endLease(granting: nil, until: 500)
        #expect(slice.available(at: 99) == 6)
        #expect(slice.available(at: 100) == 0)
        check(slice.beginGivingBack() == 4)
        slice.endLease(granting: nil, until: 500)
        #expect(slice.available(at: 0) == 0)
        check(slice.beginGivingBack() == 4)
        slice.endLease(granting: 4, until: 500)
        slice.settle(4, at: 1)
        #expect(slice.available(at: 0) == 3)
    }

    @Test func `a call that cost more than its worst case is counted whole`() {
        var slice = leased(10)
        check(slice.reserve(4, at: 0))
        slice.settle(4, at: 30)
        #expect(slice.available(at: 0) == 0)
        check(slice.beginLease(at: 0) == 0)
    }

    /// Eight writers on three nodes, a store of numbers, and chance: leases, settlements, crashes in between.
    @Test func `no order of things spends more than the limit, over 10,000 trials`() {
        for seed in 0..<10_000 {
            var trial = BudgetTrial(seed: UInt64(seed))
            trial.play(steps: 60)
            #expect(trial.worst <= trial.limit, "seed \(seed)")
            trial.finish()
            #expect(trial.billed <= trial.limit, "seed \(seed)")
            check(trial.canSpend(trial.limit - trial.billed), "seed \(seed)")
            check(!trial.canSpend(1), "seed \(seed)")
        }
    }
}

/// A model of several nodes on one store.
private struct BudgetTrial {
    private let random: SeededRandom
    let limit: Int64
    private var nodes: [SliceStateMachine]
    private var holds: [Int64]
    private(set) var billed: Int64 = 0
    /// Calls that left; the cost once it is known, which the bill hears of later.
    private var open: [(node: Int, amount: Int64, cost: Int64?)] = []
    private var leases: [(node: Int, kept: Int64, missing: Int64)] = []
    /// What each of them is for.
    private var wanted: [Int64] = []

    /// What would be on the bill if all that is under way came to its worst.
    var worst: Int64 { open.reduce(billed) { $0 + $1.amount } }

    init(seed: UInt64) {
        random = SeededRandom(seed: seed &+ 1)
        limit = Int64(100 + random.next() % 400)
        nodes = Array(repeating: SliceStateMachine(), count: 3)
        holds = Array(repeating: 0, count: 3)
    }

    mutating func play(steps: Int) {
        for _ in 0..<steps {
            switch random.next() % 10 {
            case 0...4 where open.count + leases.count < 8: ask(Int(random.next() % 3), Int64(1 + random.next() % 40))
            case 5, 6: answer()
            case 7: bill()
            case 8: if !leases.isEmpty { write(Int(random.next() % UInt64(leases.count))) }
            default: if random.next() % 4 == 0 { crash(Int(random.next() % 3)) } else { giveBack(Int(random.next() % 3)) }
            }
        }
    }

    mutating func finish() {
        while !leases.isEmpty { write(0) }
        for index in open.indices where open[index].cost == nil { open[index].cost = 0 }
        while !open.isEmpty { bill() }
        for node in 0..<3 { giveBack(node) }
    }

    mutating func canSpend(_ amount: Int64) -> Bool {
        guard amount > 0 else { return true }
        ask(0, amount)
        if !leases.isEmpty { write(0) }
        defer { finish() }
        guard !open.isEmpty else { return false }
        open[0].cost = amount
        return true
    }

    private mutating func ask(_ node: Int, _ amount: Int64) {
        if nodes[node].reserve(amount, at: 0) { return open.append((node, amount, nil)) }
        guard !nodes[node].isLeasing else { return }
        let missing = amount - nodes[node].available(at: 0)
        leases.append((node, nodes[node].beginLease(at: 0), missing))
        wanted.append(amount)
    }

    /// The store grants a lease when that leaves all within the limit.
    private mutating func write(_ index: Int) {
        let (node, kept, missing) = leases.remove(at: index), amount = wanted.remove(at: index)
        let others = holds.enumerated().reduce(0) { $0 + ($1.offset == node ? 0 : $1.element) }
        let left = limit - billed - others - kept
        guard left >= missing else { return nodes[node].endLease(granting: nil, until: 0) }
        holds[node] = kept + max(missing, left / 20)
        nodes[node].endLease(granting: holds[node], until: 1, reserving: amount)
        open.append((node, amount, nil))
    }

    private mutating func answer() {
        let waiting = open.indices.filter { open[$0].cost == nil }
        guard !waiting.isEmpty else { return }
        let index = waiting[Int(random.next() % UInt64(waiting.count))]
        open[index].cost = Int64(random.next() % UInt64(open[index].amount + 1))
    }

    private mutating func bill() {
        guard let index = open.firstIndex(where: { $0.cost != nil }) else { return }
        let call = open.remove(at: index)
        billed += call.cost ?? 0
        nodes[call.node].settle(call.amount, at: call.cost ?? 0)
    }

    private mutating func giveBack(_ node: Int) {
        guard !nodes[node].isLeasing else { return }
        holds[node] = nodes[node].beginGivingBack()
        nodes[node].endLease(granting: holds[node], until: 1)
    }

    /// What the bill has not heard of is unknown: whoever takes over puts the worst on it, and only then the hold is forgotten.
    private mutating func crash(_ node: Int) {
        billed += open.filter { $0.node == node }.reduce(0) { $0 + $1.amount }
        open.removeAll { $0.node == node }
        for index in leases.indices.reversed() where leases[index].node == node {
            leases.remove(at: index)
            wanted.remove(at: index)
        }
        nodes[node] = SliceStateMachine()
        holds[node] = 0
    }
}
