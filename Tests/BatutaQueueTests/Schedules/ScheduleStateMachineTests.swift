import BatutaCore
@testable import BatutaQueue
import Testing

@Suite struct ScheduleStateMachineTests {
    private static let minute: Int64 = 60_000

    private static func time(_ minutes: Int64, seconds: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: minutes * minute + seconds * 1_000)
    }

    /// Fires each hour.
    private func machine(_ misfire: ScheduleDefinition.Misfire, every minutes: Int64 = 60) -> ScheduleStateMachine {
        let schedule = ScheduleDefinition(
            name: "s",
            title: "s",
            timing: .every(.milliseconds(minutes * Self.minute)),
            timeZone: "UTC",
            misfire: misfire,
            work: .run(target: "agent:a", content: "go")
        )
        return ScheduleStateMachine(Timetable(schedule, from: Self.time(0)), misfire: misfire, position: Self.time(0))
    }

    private func claim(_ from: Int64, _ to: Int64, fires: [Int64], missed: [Int64] = []) -> ScheduleStateMachine.Action {
        .fire(.init(from: Self.time(from), to: Self.time(to), fires: fires.map { Self.time($0) }, missed: missed.map { Self.time($0) }))
    }

    @Test(arguments: ScheduleDefinition.Misfire.allCases)
    func `nothing fires before its time, and each slot once`(_ misfire: ScheduleDefinition.Misfire) {
        var machine = machine(misfire)
        #expect(machine.look(at: Self.time(0)) == .wait(until: Self.time(60)))
        #expect(machine.look(at: Self.time(59, seconds: 59)) == .wait(until: Self.time(60)))
        #expect(machine.look(at: Self.time(60)) == claim(0, 60, fires: [60]))
        #expect(machine.look(at: Self.time(60)) == .wait(until: Self.time(120)))
        #expect(machine.look(at: Self.time(120, seconds: 59)) == claim(60, 120, fires: [120]))
    }

    @Test func `S2.80 skip fires nothing that is later than a restart takes, and keeps what was missed`() {
        var machine = machine(.skip)
        #expect(machine.look(at: Self.time(61, seconds: 1)) == claim(0, 60, fires: [], missed: [60]))
        #expect(machine.look(at: Self.time(300)) == claim(60, 300, fires: [300], missed: [120, 180, 240]))
        #expect(machine.look(at: Self.time(300)) == .wait(until: Self.time(360)))
    }

    @Test func `S2.80 once fires once for all that was missed`() {
        var machine = machine(.once)
        #expect(machine.look(at: Self.time(290)) == claim(0, 240, fires: [240], missed: [60, 120, 180]))
        #expect(machine.look(at: Self.time(290)) == .wait(until: Self.time(300)))
    }

    @Test func `S2.80 all fires each, oldest first, some at a time`() {
        var machine = machine(.all)
        #expect(machine.look(at: Self.time(190)) == claim(0, 180, fires: [60, 120, 180]))
        guard case .fire(let first) = machine.look(at: Self.time(100 * 60)), case .fire(let second) = machine.look(at: Self.time(100 * 60))
        else { return #expect(Bool(false), "there is more to fire") }
        #expect(first.fires.count == ScheduleStateMachine.firesAtOnce && first.from == Self.time(180))
        #expect(second.from == first.to && second.fires.count == 97 - ScheduleStateMachine.firesAtOnce && second.to == Self.time(100 * 60))
        #expect(machine.look(at: Self.time(100 * 60)) == .wait(until: Self.time(101 * 60)))
    }

    @Test func `years that nobody looked are dealt with at once, and the newest are kept`() {
        var machine = machine(.once, every: 1)
        let now = Self.time(3 * 366 * 1_440)
        guard case .fire(let claim) = machine.look(at: now) else { return #expect(Bool(false)) }
        #expect(claim.fires == [now] && claim.missed.count == ScheduleStateMachine.keptMissed)
        #expect(claim.missed.last == now.advanced(by: .seconds(-60)) && claim.to == now)
        #expect(machine.look(at: now) == .wait(until: now.advanced(by: .seconds(60))))
    }
}
