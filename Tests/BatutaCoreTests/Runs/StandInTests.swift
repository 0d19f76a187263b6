import BatutaCore
import Testing

/// Which model a run asks, as its log tells.
@Suite struct StandInTests {
    private static let fallen = RunScript().asking(step: 1).failing(step: 1, retryIn: 5).asking(step: 1, attempt: 2)
        .fallingBack(step: 1, attempt: 2, to: "cheap").asking(step: 1, attempt: 3)

    @Test func `a run stays with the model that stands in, and counts its tries from the first`() {
        #expect(Self.fallen.fold().standIn == "cheap")
        #expect(Self.fallen.fold().asking?.tries == 1)
        let again = Self.fallen.failing(step: 1, attempt: 3, retryIn: 5).asking(step: 1, attempt: 4)
        #expect(again.fold().asking?.tries == 2)
        let next = again.calling(step: 1, (1, "look", [:])).intending(1).resulting(1, tool: "look").asking(step: 2)
        #expect(next.fold().standIn == "cheap" && next.fold().asking?.tries == 1)
    }

    @Test func `a model that stood in and failed gives way to the next`() {
        let third = Self.fallen.fallingBack(step: 1, attempt: 3, to: "last")
        #expect(third.fold().standIn == "last")
        #expect(third.asking(step: 1, attempt: 4).fold().asking?.tries == 1)
    }

    @Test(arguments: [RunStatus.pendingApproval, .paused, .queued])
    func `a run that rested begins with its own model again`(_ rest: RunStatus) {
        let rested = Self.fallen.adding(.status(StatusEvent(rest)))
        #expect(rested.fold().standIn == nil)
        #expect(rested.adding(.status(StatusEvent(.running))).next().map(\.word) == ["model 1.4"])
    }

    @Test(arguments: 0...fallen.events.count)
    func `a checkpoint at any event keeps who is asked`(_ cut: Int) throws {
        let script = Self.fallen.failing(step: 1, attempt: 3, retryIn: 5)
        var state = RunState(id: RunScript.run, agent: "assistant", limits: RunLimits())
        for (index, event) in script.events.enumerated() {
            if index == cut {
                let bytes = RunCheckpoint.bytes(of: state)
                state = try #require(RunCheckpoint.state(from: bytes, id: RunScript.run, agent: "assistant", limits: RunLimits()))
            }
            state.apply(event, at: RunScript.at(index))
        }
        let whole = script.fold()
        #expect(state.standIn == whole.standIn && state.asking == whole.asking)
        #expect(state.next(tools: [:]).map(\.word) == whole.next(tools: [:]).map(\.word))
    }

    @Test func `a round keeps the name of what its provider wants back, over a checkpoint too`() throws {
        let note = ModelAnswerNote(accepted: true, calls: 1, finishReason: .toolCalls)
        let script = RunScript().asking(step: 1).adding(.step(StepEvent(.modelAnswer(note), step: 1, ref: "abc")))
        let bytes = RunCheckpoint.bytes(of: script.fold())
        let state = try #require(RunCheckpoint.state(from: bytes, id: RunScript.run, agent: "assistant", limits: RunLimits()))
        #expect(state.rounds.map(\.opaque) == ["abc"] && script.fold().rounds.map(\.opaque) == ["abc"])
    }
}
