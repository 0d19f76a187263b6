@testable import BatutaQueue
import Testing

@Suite struct ClaimPlanTests {
    private static let lane = Lane(queue: "mail", tenant: "a")

    struct Share: Sendable, CustomTestStringConvertible {
        var free: Int
        var tenants: [String]
        var running: [String: Int] = [:]
        var expected: [String: Int]

        var testDescription: String { "\(free) among \(tenants), of whom run \(running)" }
    }

    @Test(arguments: [
        Share(free: 8, tenants: ["a"], expected: ["a": 8]),
        Share(free: 8, tenants: ["a", "b"], expected: ["a": 4, "b": 4]),
        Share(free: 3, tenants: ["a", "b"], expected: ["a": 2, "b": 1]),
        Share(free: 1, tenants: ["a", "b"], running: ["a": 15], expected: ["b": 1]),
        Share(free: 4, tenants: ["a", "b"], running: ["a": 2], expected: ["a": 1, "b": 3]),
        Share(free: 2, tenants: ["a", "b", "c"], running: ["a": 1], expected: ["b": 1, "c": 1]),
        Share(free: 2, tenants: ["a", "b", "c"], expected: ["a": 1, "b": 1]),
        Share(free: 3, tenants: ["a"], running: ["b": 9], expected: ["a": 3]),
    ])
    func `hands go to whoever has least`(_ share: Share) {
        let given = ClaimPlan.shares(of: share.free, among: share.tenants, running: share.running)
        #expect(Dictionary(uniqueKeysWithValues: given.map { ($0.tenant, $0.count) }) == share.expected)
    }

    @Test func `nothing is asked of a lane that nobody heard of, nor of a queue of other nodes`() {
        let plan = Planner(["mail": QueueLimits(slots: 2)])
        #expect(plan.next().isEmpty)
        #expect(!plan.mayHaveWork(Lane(queue: "else", tenant: "a")))
        #expect(plan.next().isEmpty)
    }

    @Test func `a lane that gave all is asked again, and one that gave less only when it is heard of`() {
        let plan = Planner(["mail": QueueLimits(slots: 2)])
        #expect(plan.mayHaveWork(Self.lane))
        let first = plan.next()
        #expect(first == [ClaimPlan.Claim(lane: Self.lane, count: 2)] && plan.next().isEmpty)
        plan.answered(first[0], got: 2)
        #expect(plan.next().isEmpty, "no hand is free")
        plan.ended(Self.lane)
        let second = plan.next()
        #expect(second == [ClaimPlan.Claim(lane: Self.lane, count: 1)])
        plan.answered(second[0], got: 0)
        #expect(plan.next().isEmpty, "the lane is empty")
        #expect(plan.mayHaveWork(Self.lane))
        #expect(plan.next() == second)
    }

    @Test func `a lane that is heard of while it is asked is asked once more`() {
        let plan = Planner(["mail": QueueLimits(slots: 2)])
        _ = plan.mayHaveWork(Self.lane)
        let claim = plan.next()[0]
        #expect(!plan.mayHaveWork(Self.lane), "both hands are promised")
        plan.answered(claim, got: 1)
        #expect(plan.next() == [ClaimPlan.Claim(lane: Self.lane, count: 1)])
    }

    @Test func `a claim that failed frees its hands and is made again`() {
        let plan = Planner(["mail": QueueLimits(slots: 2)])
        _ = plan.mayHaveWork(Self.lane)
        let claim = plan.next()[0]
        plan.failed(claim)
        #expect(plan.next() == [claim])
    }

    @Test func `queues have hands of their own`() {
        let plan = Planner(["mail": QueueLimits(slots: 1), "slow": QueueLimits(slots: 1)])
        _ = plan.mayHaveWork(Lane(queue: "slow", tenant: "a"))
        plan.answered(plan.next()[0], got: 1)
        #expect(!plan.mayHaveWork(Lane(queue: "slow", tenant: "b")))
        #expect(plan.mayHaveWork(Self.lane))
        #expect(plan.next() == [ClaimPlan.Claim(lane: Self.lane, count: 1)])
    }

    @Test func `one commit takes no more than it should`() {
        let plan = Planner(["mail": QueueLimits(slots: 5_000)])
        _ = plan.mayHaveWork(Self.lane)
        #expect(plan.next().map(\.count) == [ClaimPlan.most])
    }
}

/// A plan that an expectation can ask.
private final class Planner {
    private var plan: ClaimPlan

    init(_ limits: [String: QueueLimits]) { plan = ClaimPlan(limits) }

    func mayHaveWork(_ lane: Lane) -> Bool { plan.mayHaveWork(lane) }
    func next() -> [ClaimPlan.Claim] { plan.next() }
    func answered(_ claim: ClaimPlan.Claim, got count: Int) { plan.answered(claim, got: count) }
    func failed(_ claim: ClaimPlan.Claim) { plan.failed(claim) }
    func ended(_ lane: Lane) { plan.ended(lane) }
}
