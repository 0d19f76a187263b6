import BatutaCore
import Testing

@testable import BatutaRuns

@Suite struct TailStateMachineTests {
    private func at(_ serial: Int64) -> EventCursor { EventCursor(serial: serial, number: 1, session: SessionID(trusted: "ses_x")) }

    @Test func `without readers a bell does nothing`() {
        var machine = TailStateMachine()
        let step1 = machine.ring()
        #expect(!step1)
        #expect(machine.position == nil)
    }

    @Test func `the first reader begins a reading from where it stands, a bell meanwhile makes one more`() {
        var machine = TailStateMachine()
        let step2 = machine.join(at: at(3))
        #expect(step2 == .live(reads: true))
        #expect(machine.position == at(3))
        let step3 = machine.ring()
        #expect(!step3)
        let step4 = machine.didRead(to: at(5), isLast: true)
        #expect(step4)
        let step5 = machine.didRead(to: at(5), isLast: true)
        #expect(!step5)
        let step6 = machine.ring()
        #expect(step6)
    }

    @Test func `a page that is not the last is followed by the next`() {
        var machine = TailStateMachine()
        _ = machine.join(at: at(0))
        let step7 = machine.didRead(to: at(500), isLast: false)
        #expect(step7)
        let step8 = machine.didRead(to: at(600), isLast: true)
        #expect(!step8)
        #expect(machine.position == at(600))
    }

    @Test func `who is behind the others reads on alone, who is ahead waits for them`() {
        var machine = TailStateMachine()
        _ = machine.join(at: at(0))
        _ = machine.didRead(to: at(9), isLast: true)
        let step9 = machine.join(at: at(8))
        #expect(step9 == .behind)
        #expect(machine.readers == 1)
        let step10 = machine.join(at: at(9))
        #expect(step10 == .live(reads: true))
        let step11 = machine.join(at: at(12))
        #expect(step11 == .live(reads: false))
        #expect(machine.position == at(9))
    }

    @Test func `a reading that its readers left behind lets nobody in who lacks what came before`() {
        var machine = TailStateMachine()
        _ = machine.join(at: at(0))
        _ = machine.didRead(to: at(9), isLast: false)
        machine.leave()
        let step12 = machine.join(at: at(5))
        #expect(step12 == .behind)
        let step13 = machine.join(at: at(9))
        #expect(step13 == .live(reads: false))
        let step14 = machine.didRead(to: at(11), isLast: true)
        #expect(step14)
        machine.leave()
        let step15 = machine.didRead(to: at(12), isLast: false)
        #expect(!step15)
        #expect(machine.position == nil && !machine.isReading)
    }

    /// Whoever joins between the finding of a page and its delivery is not among those that it goes to.
    @Test func `who comes while a page is delivered has it already, or reads it alone`() {
        var machine = TailStateMachine()
        _ = machine.join(at: at(0))
        machine.found(to: at(9))
        let late = [machine.join(at: at(0)), machine.join(at: at(8)), machine.join(at: at(9))]
        #expect(late == [.behind, .behind, .live(reads: false)])
        // For what was committed since the last one looked.
        let readsOn = machine.didDeliver(isLast: true)
        #expect(readsOn)
    }
}

extension TailStateMachine {
    fileprivate mutating func didRead(to end: EventCursor, isLast: Bool) -> Bool {
        found(to: end)
        return didDeliver(isLast: isLast)
    }
}
