import BatutaCore
import Testing

@Suite struct RunReplayTests {
    private static func replay(_ script: RunScript) -> [RunReplay.Difference] {
        var replay = RunReplay(RunState(id: RunScript.run, agent: "assistant", limits: RunLimits()), tools: RunScript.tools)
        return script.events.enumerated().compactMap { index, event in
            replay.take(event, number: Int64(index + 1), at: RunScript.at(index))
        }
    }

    static let paying = RunScript().asking(step: 1).calling(step: 1, (1, "pay", [:]))
    static let decided = paying.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay")
    static let looked = RunScript().asking(step: 1).calling(step: 1, (1, "look", [:])).intending(1).resulting(1, tool: "look")

    static let same: [RunScript] = [
        looked.asking(step: 2).answering(step: 2, text: "x").adding(.complete(CompleteEvent(status: .completed, output: "x"))),
        decided.intending(1).resulting(1, tool: "pay"),
        paying.approval(.requested, call: 1, tool: "pay").adding(.status(StatusEvent(.pendingApproval))),
        looked.adding(RunStateTests.pausing).adding(RunStateTests.paused),
        RunScript().asking(step: 1).asking(step: 1, attempt: 2),
    ]

    @Test(arguments: same) func `a log that the core itself wrote is the same`(_ script: RunScript) {
        #expect(Self.replay(script) == [])
    }

    /// What a core that decides otherwise would have written.
    static let others: [(RunScript, String, String)] = [
        (paying.intending(1), "call_tool", "ask_human"),
        (looked.asking(step: 3), "ask_model", "ask_model"),
        (looked.intending(1, attempt: 2), "call_tool", "ask_model"),
        (
            RunScript().asking(step: 1).answering(step: 1, text: "x").adding(.complete(CompleteEvent(status: .completed, output: "y"))),
            "finish", "finish"
        ),
        (looked.adding(.error(ErrorEvent(code: "loop_detected", message: "m", recoverable: false))), "finish", "ask_model"),
        (looked.adding(RunStateTests.paused), "pause", "ask_model"),
        (paying.adding(.status(StatusEvent(.pendingApproval))), "await_human", "ask_human"),
    ]

    @Test(arguments: others) func `a log that the core would write otherwise differs where it does`(_ row: (RunScript, String, String)) {
        let differences = Self.replay(row.0)
        #expect(differences.map(\.event) == [Int64(row.0.events.count)])
        #expect(differences.first?.expected["action"]?.string == row.1)
        #expect(differences.first?.got["action"]?.string == row.2)
    }

    @Test func `what a fork took over was decided by another run`() {
        var replay = RunReplay(RunState(id: RunScript.run, agent: "assistant", limits: RunLimits()), tools: RunScript.tools)
        let found = Self.paying.intending(1).events.compactMap { replay.take($0, number: 1, at: RunScript.at(1), isCopy: true) }
        #expect(found.isEmpty)
    }
}
