import BatutaCore
import BatutaTools
import Testing

@Suite struct `Retry decisions` {
    typealias Machine = RetryStateMachine
    static let policy = RetryPolicy(attempts: 3, backoff: .init(jitter: false))

    struct Row: Sendable, CustomStringConvertible {
        let failure: ToolAttempt.Failure?
        let effect: ToolEffect
        let idempotent: Bool
        let settles: Bool
        let then: Machine.Action
        var description: String { "\(failure.map { "\($0)" } ?? "answer"), \(effect), idempotent \(idempotent), settles \(settles)" }
    }

    /// Written out by the rule's own words (API §5), not by the code's branches.
    static let table: [Row] = {
        var rows: [Row] = []
        let again = Machine.Action.retry(after: .seconds(2))
        for effect in ToolEffect.allCases {
            for idempotent in [false, true] {
                for settles in [false, true] {
                    let mayRepeat = effect == .read || idempotent
                    let unclear: Machine.Action = mayRepeat ? again : settles ? .settle : .uncertain
                    let outcomes: [(ToolAttempt.Failure?, Machine.Action)] = [
                        (nil, .finish), (.rejected, .finish), (.notSent, again), (.rateLimited, again), (.timeout, unclear),
                        (.serverError, unclear),
                        (.cancelled, mayRepeat ? .finish : .uncertain),
                    ]
                    rows += outcomes.map { Row(failure: $0.0, effect: effect, idempotent: idempotent, settles: settles, then: $0.1) }
                }
            }
        }
        return rows
    }()

    @Test(arguments: table) func `S2.53 what follows an attempt depends on failure, effect and idempotence`(row: Row) {
        var definition = ToolDefinition.test("tool", effect: row.effect, idempotent: row.idempotent, settles: row.settles)
        definition.retry = Self.policy
        var machine = Machine(definition)
        #expect(machine.attemptEnded(row.failure) == row.then)
        #expect(machine.attempts == 1)
    }

    @Test func `S2.51 three attempts are made in all, with pauses of 2 and 4 seconds`() {
        var machine = Machine(policy: Self.policy, repeatable: true, settles: false)
        #expect(machine.attemptEnded(.timeout) == .retry(after: .seconds(2)))
        #expect(machine.attemptEnded(.serverError) == .retry(after: .seconds(4)))
        #expect(machine.attemptEnded(.timeout) == .finish)
    }

    @Test func `S2.52 the pause never exceeds ten seconds`() {
        var machine = Machine(
            policy: RetryPolicy(attempts: 9, backoff: .init(jitter: false)),
            repeatable: true,
            settles: false,
            attempts: 6
        )
        #expect(machine.attemptEnded(.timeout) == .retry(after: .seconds(10)))
    }

    @Test func `S2.52 jitter keeps the pause between half a step and a whole one`() {
        for random in [0, UInt64.max / 3, UInt64.max] {
            var machine = Machine(policy: RetryPolicy(), repeatable: true, settles: false)
            guard case .retry(let pause) = machine.attemptEnded(.timeout, random: random) else {
                Issue.record("no retry")
                continue
            }
            #expect((.seconds(1)...(.seconds(2))).contains(pause))
        }
    }

    @Test(arguments: [ToolAttempt.Failure.rateLimited, .serverError])
    func `S2.54 Retry-After overrides the backoff`(failure: ToolAttempt.Failure) {
        var machine = Machine(policy: Self.policy, repeatable: true, settles: false)
        #expect(machine.attemptEnded(failure, retryAfter: .seconds(7)) == .retry(after: .seconds(7)))
        #expect(machine.attemptEnded(failure, retryAfter: .zero) == .retry(after: .zero))
    }

    @Test func `a service that asks for an hour is not waited for`() {
        var machine = Machine(policy: Self.policy, repeatable: true, settles: false)
        #expect(machine.attemptEnded(.rateLimited, retryAfter: .seconds(3_600)) == .finish)
    }

    @Test func `S2.59 one attempt means no retry`() {
        var machine = Machine(policy: RetryPolicy(attempts: 1), repeatable: true, settles: false)
        #expect(machine.attemptEnded(.notSent) == .finish)
    }

    @Test(arguments: [
        (Machine.Settled.done, Machine.Action.finishSettled), (.notDone, .retry(after: .zero)), (.unknown, .uncertain),
    ]) func `settling decides: done, safe to repeat, or unknown`(found: Machine.Settled, then: Machine.Action) {
        var machine = Machine(policy: Self.policy, repeatable: false, settles: true)
        #expect(machine.attemptEnded(.timeout) == .settle)
        #expect(machine.settled(found) == then)
    }

    @Test func `settling as not done after the last attempt ends the call`() {
        var machine = Machine(policy: RetryPolicy(attempts: 1), repeatable: false, settles: true)
        #expect(machine.attemptEnded(.timeout) == .settle)
        #expect(machine.settled(.notDone) == .finish)
    }

    @Test(arguments: [(true, false, Machine.Action.retry(after: .zero)), (false, true, .settle), (false, false, .uncertain)])
    func `after a crash only what may repeat repeats`(repeatable: Bool, settles: Bool, then: Machine.Action) {
        var machine = Machine(policy: Self.policy, repeatable: repeatable, settles: settles)
        #expect(machine.crashed() == then)
    }
}
