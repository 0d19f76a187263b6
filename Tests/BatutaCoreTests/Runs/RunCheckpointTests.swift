import BatutaCore
import Testing

/// A run's fold as bytes: whoever goes on from them is where the log ends.
@Suite struct RunCheckpointTests {
    static let lives: [RunScript] = [
        FoldPropertyTests.script,
        RunStateTests.decided(.approved), RunStateTests.decided(.rejected),
        RunScript(rehearsal: true).asking(step: 1).failing(step: 1, retryIn: nil),
        RunScript().asking(step: 1).calling(step: 1, (1, "order", [:]), (2, "write", ["a": 1.50])).intending(1).intending(2)
            .resulting(2, tool: "write", .failure("cut", code: "cancelled", uncertain: true))
            .approval(.requested, call: 1, tool: "order", reason: .uncertainEffect),
        RunScript().asking(step: 1).calling(step: 1, (1, "write", [:])).adding(
            .step(
                StepEvent(
                    .policy(PolicyNote(callID: RunScript.call(1), decision: .warned, policies: ["p"], warnings: ["w"], facts: ["f": 1])),
                    step: 1
                )
            )
        ).intending(1),
        ContextWindowTests.rounds(4, resultOf: 10)
            .adding(.step(StepEvent(.context(messages: 3, last: RunScript.message(8), notes: ["n"], doubts: []), step: 1, ref: "cc")))
            .adding(.step(StepEvent(.summary(SummaryNote(.rounds(through: 2), .asked)), step: 5, attempt: 2)))
            .adding(.step(StepEvent(.summary(SummaryNote(.rounds(through: 2), .made)), step: 5, ref: "aa")))
            .adding(.status(StatusEvent(word: StatusEvent.pausing))).adding(.status(StatusEvent(.paused)))
            .adding(.status(StatusEvent(word: StatusEvent.resuming))).adding(.status(StatusEvent(.running)))
            .adding(.status(StatusEvent(word: StatusEvent.stopping))),
    ]

    private static func fold(_ events: ArraySlice<EventData>, from state: RunState, at first: Int) -> RunState {
        var state = state
        for (index, event) in events.enumerated() { state.apply(event, at: RunScript.at(first + index)) }
        return state
    }

    @Test(arguments: lives.indices) func `from a checkpoint after any event the run goes on as if it had been folded whole`(_ life: Int)
        throws
    {
        let events = Self.lives[life].events[...]
        let fresh = RunState(id: RunScript.run, agent: "assistant", limits: RunLimits(modelCalls: 7))
        let whole = Self.fold(events, from: fresh, at: 0)
        for cut in 0...events.count {
            let half = Self.fold(events.prefix(cut), from: fresh, at: 0)
            let bytes = RunCheckpoint.bytes(of: half)
            let kept = try #require(
                RunCheckpoint.state(from: bytes, id: RunScript.run, agent: "assistant", limits: RunLimits(modelCalls: 7)),
                "after \(cut)"
            )
            #expect(RunCheckpoint.bytes(of: kept) == bytes)
            #expect(kept.turns == half.turns && kept.next(tools: RunScript.tools) == half.next(tools: RunScript.tools), "after \(cut)")
            let end = Self.fold(events.dropFirst(cut), from: kept, at: cut)
            #expect(RunCheckpoint.bytes(of: end) == RunCheckpoint.bytes(of: whole), "from \(cut)")
            #expect(end.turns == whole.turns && end.workTime == whole.workTime && end.limits.modelCalls == 7)
            #expect(
                ContextWindow(tokens: 100, fixed: 0).overflow(of: end, size: end.told.size)
                    == ContextWindow(tokens: 100, fixed: 0).overflow(of: whole, size: whole.told.size)
            )
        }
    }

    @Test(arguments: ["", "{}", #"{"v":0,"state":{},"rounds":[]}"#, #"{"v":2,"state":{},"rounds":[]}"#, #"{"v":2}"#, "[1]"])
    func `what is none, or another release's, is nil`(_ text: String) {
        #expect(RunCheckpoint.state(from: Array(text.utf8), id: RunScript.run, agent: "a", limits: RunLimits()) == nil)
    }

    @Test func `a round that does not read makes the whole unreadable`() throws {
        let bytes = RunCheckpoint.bytes(of: FoldPropertyTests.script.fold())
        let text = String(decoding: bytes, as: UTF8.self).replacing(#""phase":"done""#, with: #""phase":"gone""#)
        #expect(RunCheckpoint.state(from: Array(text.utf8), id: RunScript.run, agent: "a", limits: RunLimits()) == nil)
    }
}
