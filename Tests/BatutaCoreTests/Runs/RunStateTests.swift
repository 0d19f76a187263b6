import BatutaCore
import Testing

@Suite struct RunStateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var script: RunScript
        var expected: [String]
        var limits = RunLimits()
        var testDescription: String { name }
    }

    static let running = RunScript()
    static let oneCall = RunScript().asking(step: 1).calling(step: 1, (1, "look", ["a": 1]))
    static let criticalCall = RunScript().asking(step: 1).calling(step: 1, (1, "pay", [:]))

    static let table: [Case] = [
        Case(name: "a run that just began asks the model", script: running, expected: ["model 1.1"]),
        Case(name: "a crash during a model call asks the same step again", script: running.asking(step: 1), expected: ["model 1.2"]),
        Case(
            name: "a failed attempt is tried again, later",
            script: running.asking(step: 1).failing(step: 1, retryIn: 500),
            expected: ["model 1.2 later"]
        ),
        Case(
            name: "a failed attempt without another try ends the run",
            script: running.asking(step: 1).failing(step: 1, retryIn: nil),
            expected: ["failed model_timeout"]
        ),
        Case(
            name: "a model that failed for good gives way to another, at once",
            script: running.asking(step: 1).fallingBack(step: 1, to: "cheap"),
            expected: ["model 1.2"]
        ),
        Case(
            name: "a crash while another model is asked asks that one again",
            script: running.asking(step: 1).fallingBack(step: 1, to: "cheap").asking(step: 1, attempt: 2),
            expected: ["model 1.3"]
        ),
        Case(
            name: "the last model that fails for good ends the run",
            script: running.asking(step: 1).fallingBack(step: 1, to: "cheap").asking(step: 1, attempt: 2)
                .failing(step: 1, attempt: 2, retryIn: nil),
            expected: ["failed model_timeout"]
        ),
        Case(
            name: "an answer without calls completes",
            script: running.asking(step: 1).answering(step: 1, text: "hi"),
            expected: ["completed"]
        ),
        Case(name: "a read call leaves at once", script: oneCall, expected: ["call call_1"]),
        Case(name: "a critical call asks a human", script: criticalCall, expected: ["ask call_1 critical_tool"]),
        Case(name: "an asked call waits", script: criticalCall.approval(.requested, call: 1, tool: "pay"), expected: ["await"]),
        Case(
            name: "an approved call leaves",
            script: criticalCall.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay"),
            expected: ["call call_1"]
        ),
        Case(
            name: "a rejected call gets its result",
            script: criticalCall.approval(.requested, call: 1, tool: "pay").approval(.rejected, call: 1, tool: "pay"),
            expected: ["record call_1 rejected"]
        ),
        Case(
            name: "an expired question gets its result",
            script: criticalCall.approval(.requested, call: 1, tool: "pay").approval(.expired, call: 1, tool: "pay"),
            expected: ["record call_1 approval_expired"]
        ),
        Case(name: "a read that was cut by a crash is read again", script: oneCall.intending(1), expected: ["call call_1"]),
        Case(
            name: "S3.29 an idempotent write that was cut is repeated",
            script: running.asking(step: 1).calling(step: 1, (1, "set", [:])).intending(1),
            expected: ["call call_1"]
        ),
        Case(
            name: "a write that was cut tells the model",
            script: running.asking(step: 1).calling(step: 1, (1, "write", [:])).intending(1),
            expected: ["record call_1 uncertain_effect"]
        ),
        Case(
            name: "a critical call that was cut asks a human",
            script: criticalCall.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay").intending(1),
            expected: ["ask call_1 uncertain_effect"]
        ),
        Case(
            name: "a call that can settle finds out",
            script: running.asking(step: 1).calling(step: 1, (1, "order", [:])).intending(1),
            expected: ["settle call_1"]
        ),
        Case(
            name: "parallel calls leave together",
            script: running.asking(step: 1).calling(step: 1, (1, "look", [:]), (2, "write", [:]), (3, "pay", [:])),
            expected: ["call call_1", "call call_2", "ask call_3 critical_tool"]
        ),
        Case(name: "results lead to the next question", script: oneCall.intending(1).resulting(1, tool: "look"), expected: ["model 2.1"]),
        Case(
            name: "after an uncertain write the same tool asks",
            script: running.asking(step: 1).calling(step: 1, (1, "write", [:])).intending(1).resulting(1, tool: "write", RunState.uncertain)
                .asking(step: 2).calling(step: 2, (2, "write", ["b": 2])),
            expected: ["ask call_2 earlier_uncertain"]
        ),
        Case(
            name: "after an uncertain call of an earlier run the same tool asks",
            script: doubtful().calling(step: 1, (2, "write", [:]), (3, "set", [:]), (4, "look", [:])),
            expected: ["ask call_2 earlier_uncertain", "call call_3", "call call_4"]
        ),
        Case(
            name: "an earlier uncertain call of another tool asks nothing",
            script: doubtful(about: "set").calling(step: 1, (2, "write", [:])),
            expected: ["call call_2"]
        ),
        Case(
            name: "an approval settles the doubt that it named",
            script: decided(.approved).resulting(2, tool: "write").asking(step: 2).calling(step: 2, (3, "write", [:])),
            expected: ["call call_3"]
        ),
        Case(
            name: "a rejection settles it too",
            script: decided(.rejected).resulting(2, tool: "write").asking(step: 2).calling(step: 2, (3, "write", [:])),
            expected: ["call call_3"]
        ),
        Case(
            name: "an answer that never came settles nothing",
            script: decided(.expired).resulting(2, tool: "write").asking(step: 2).calling(step: 2, (3, "write", [:])),
            expected: ["ask call_3 earlier_uncertain"]
        ),
        Case(
            name: "a question that named no call, as an earlier release asked it, settles nothing",
            script: decided(.approved, naming: []).resulting(2, tool: "write").asking(step: 2).calling(step: 2, (3, "write", [:])),
            expected: ["ask call_3 earlier_uncertain"]
        ),
        Case(
            name: "what is told anew of earlier runs does not bring a settled doubt back",
            script: decided(.approved).resulting(2, tool: "write").adding(doubt()).asking(step: 2).calling(step: 2, (3, "write", [:])),
            expected: ["call call_3"]
        ),
        Case(
            name: "a stop ends the run",
            script: oneCall.intending(1).adding(.status(StatusEvent(word: StatusEvent.stopping))),
            expected: ["cancelled"]
        ),
        Case(name: "a pause lets nothing leave", script: oneCall.adding(pausing), expected: ["pause"]),
        Case(name: "a paused run stays paused", script: oneCall.adding(pausing).adding(paused), expected: ["pause"]),
        Case(
            name: "a pause lasts over what others do to the run",
            script: criticalCall.approval(.requested, call: 1, tool: "pay").adding(pausing).adding(paused)
                .approval(.approved, call: 1, tool: "pay").adding(.status(StatusEvent(.queued))),
            expected: ["pause"]
        ),
        Case(
            name: "a model call that a pause cut is asked again when the run goes on",
            script: running.asking(step: 1).adding(pausing).adding(paused).adding(resuming).adding(.status(StatusEvent(.queued))),
            expected: ["model 1.2"]
        ),
        Case(
            name: "a result that came during a pause counts",
            script: oneCall.intending(1).adding(pausing).adding(paused).resulting(1, tool: "look").adding(resuming),
            expected: ["model 2.1"]
        ),
        Case(
            name: "a call that had left when the node died in a pause is recovered when the run goes on",
            script: running.asking(step: 1).calling(step: 1, (1, "write", [:])).intending(1).adding(pausing).adding(paused).adding(
                resuming
            ),
            expected: ["record call_1 uncertain_effect"]
        ),
        Case(
            name: "a pause that was taken back changes nothing",
            script: oneCall.adding(pausing).adding(resuming),
            expected: ["call call_1"]
        ),
        Case(
            name: "a stop ends a paused run",
            script: oneCall.adding(pausing).adding(paused).adding(.status(StatusEvent(word: StatusEvent.stopping))),
            expected: ["cancelled"]
        ),
        Case(
            name: "a completed run wants nothing",
            script: running.asking(step: 1).answering(step: 1, text: "x").adding(.complete(CompleteEvent(status: .completed, output: "x"))),
            expected: []
        ),
        Case(
            name: "too many model calls end the run",
            script: oneCall.intending(1).resulting(1, tool: "look"),
            expected: ["failed limit_model_calls"],
            limits: RunLimits(modelCalls: 1)
        ),
        Case(
            name: "too many tool calls end the run",
            script: running.asking(step: 1).calling(step: 1, (1, "look", [:]), (2, "look", ["b": 1])),
            expected: ["failed limit_tool_calls"],
            limits: RunLimits(toolCalls: 1)
        ),
        Case(
            name: "too much work ends the run",
            script: oneCall.intending(1).resulting(1, tool: "look"),
            expected: ["failed limit_work_time"],
            limits: RunLimits(workTime: .seconds(3))
        ),
        Case(
            name: "in rehearsal a critical call goes to the runtime, which refuses it",
            script: RunScript(rehearsal: true).asking(step: 1).calling(step: 1, (1, "pay", [:])),
            expected: ["call call_1"]
        ),
    ]

    static let pausing = EventData.status(StatusEvent(word: StatusEvent.pausing))
    static let paused = EventData.status(StatusEvent(.paused))
    static let resuming = EventData.status(StatusEvent(word: StatusEvent.resuming))

    static func uncertain(_ tool: String = "write") -> UncertainCall {
        UncertainCall(callID: RunScript.call(1), tool: tool, arguments: "{}", at: RunScript.at(0))
    }

    static func doubt(about tool: String = "write") -> EventData {
        .step(StepEvent(.context(messages: 1, last: nil, notes: ["Who knows."], doubts: [uncertain(tool)]), step: 1))
    }

    /// A run that is told of an uncertain call of an earlier run.
    static func doubtful(about tool: String = "write") -> RunScript { running.adding(doubt(about: tool)).asking(step: 1) }

    static func decided(_ state: ApprovalState, naming calls: [UncertainCall] = [uncertain()]) -> RunScript {
        let asked = doubtful().calling(step: 1, (2, "write", [:]))
            .approval(.requested, call: 2, tool: "write", reason: .earlierUncertain) { $0.doubts = calls }
        let answered = asked.approval(state, call: 2, tool: "write", reason: .earlierUncertain)
        return state == .approved ? answered.intending(2) : answered
    }

    /// Limits count what members take, and whoever reads that one was reached is told whose calls those were.
    @Test(arguments: [
        (0, "The run made 1 model calls; the limit is 1."), (3, "The run and its members made 4 model calls; the limit is 4."),
    ])
    func `a limit that members reached says so`(_ below: Int, _ message: String) {
        let result = ToolResultEvent(
            callID: RunScript.call(1),
            tool: "look",
            result: .success(["ok": true]),
            taken: TreeUse(modelCalls: below)
        )
        let script = Self.oneCall.intending(1).adding(.toolResult(result))
        let actions = script.next(limits: RunLimits(modelCalls: below + 1))
        #expect(actions == [.finish(.failed(code: "limit_model_calls", message: message))])
    }

    @Test(arguments: [(ApprovalState.rejected, false), (.expired, true)])
    func `what nobody decided about stays in doubt`(_ row: (ApprovalState, Bool)) {
        let asked = Self.criticalCall.intending(1).approval(.requested, call: 1, tool: "pay", reason: .uncertainEffect)
        let script = asked.approval(row.0, call: 1, tool: "pay", reason: .uncertainEffect)
        guard case .recordResult(_, let result) = script.next().first else { return #expect(Bool(false), "no result was recorded") }
        #expect(result.code == "uncertain_effect" && result.uncertain == row.1)
    }

    @Test(arguments: table)
    func `the next actions follow from the events`(_ row: Case) {
        #expect(row.script.next(limits: row.limits).map(\.word) == row.expected)
    }

    @Test func `a call that this driver performs is left alone`() {
        let script = Self.oneCall.intending(1)
        #expect(script.next(inFlight: [RunScript.call(1)]) == [])
        #expect(script.next(inFlight: []).map(\.word) == ["call call_1"])
        #expect(script.adding(Self.pausing).next(inFlight: [RunScript.call(1)]) == [])
    }

    @Test func `edited arguments go out under a key of their own`() {
        let script = Self.criticalCall.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay") {
            $0.arguments = ["amount": 5]
        }
        guard case .callTool(let call) = script.next().first else { return #expect(Bool(false), "the call did not leave") }
        #expect(call.arguments == ["amount": 5])
        #expect(call.idempotencyKey != call.id.rawValue)
    }

    @Test(
        arguments: [
            ([["amount": 1]], "call_1"), ([["amount": 1.0]], "call_1"), ([["amount": 5]], "call_1-edited"),
            ([["amount": 5], ["amount": 5.0]], "call_1-edited"), ([["amount": 5], ["amount": 6]], "call_1-edited-2"),
            ([["amount": 5], ["amount": 1]], "call_1"),
        ] as [([JSON], String)]
    )
    func `DESIGN 9_4 a key stays with its arguments`(edits: [JSON], key: String) {
        var script = Self.running.asking(step: 1).calling(step: 1, (1, "pay", ["amount": 1]))
        for (number, edit) in edits.enumerated() {
            let reason = number == 0 ? ApprovalReason.criticalTool : .uncertainEffect
            for state in [ApprovalState.requested, .approved] {
                script = script.approval(state, call: 1, tool: "pay", reason: reason) {
                    $0.approvalID = RunScript.approval(number)
                    if state == .approved { $0.arguments = edit }
                }
            }
            if number < edits.count - 1 { script = script.intending(1) }
        }
        guard case .callTool(let call) = script.next().first else { return #expect(Bool(false), "the call did not leave") }
        #expect(call.arguments == edits.last || call.arguments.canonicalBytes == edits.last?.canonicalBytes)
        #expect(call.idempotencyKey == key)
    }

    @Test func `a human may say what came of an uncertain call`() {
        let asked = Self.criticalCall.intending(1).approval(.requested, call: 1, tool: "pay", reason: .uncertainEffect)
        let script = asked.approval(.approved, call: 1, tool: "pay", reason: .uncertainEffect) { $0.result = ["id": 7] }
        guard case .recordResult(_, let result) = script.next().first else { return #expect(Bool(false), "no result was recorded") }
        #expect(result.success)
        #expect(result.data == ["id": 7])
    }

    @Test(arguments: [ApprovalState.approved, .rejected, .expired])
    func `an answer that is told twice, or belongs to an earlier question, changes nothing`(_ answer: ApprovalState) {
        let left = Self.criticalCall.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay").intending(1)
        #expect(left.approval(answer, call: 1, tool: "pay").next().map(\.word) == left.next().map(\.word))
        let askedAgain = left.approval(.requested, call: 1, tool: "pay", reason: .uncertainEffect) { $0.approvalID = RunScript.approval(9) }
        #expect(askedAgain.approval(answer, call: 1, tool: "pay").next().map(\.word) == ["await"])
    }

    @Test func `a key is trusted for a day, counted to now and not to the last event`() {
        let state = Self.running.asking(step: 1).calling(step: 1, (1, "set", [:])).intending(1).fold()
        #expect(state.next(tools: RunScript.tools, at: RunScript.at(3_600)).map(\.word) == ["call call_1"])
        #expect(state.next(tools: RunScript.tools, at: RunScript.at(90_000)).map(\.word) == ["ask call_1 uncertain_effect"])
    }

    @Test(arguments: [(3_600, 3_500, "call call_1"), (3_600, 3_700, "ask call_1 uncertain_effect"), (604_800, 90_000, "call call_1")])
    func `DESIGN 9_4 a key is trusted as long as its tool says`(window: Int, passed: Int, expected: String) {
        let state = Self.running.asking(step: 1).calling(step: 1, (1, "set", [:])).intending(1).fold()
        var tools = RunScript.tools
        tools["set"]?.idempotencyWindow = .seconds(window)
        #expect(state.next(tools: tools, at: RunScript.at(passed)).map(\.word) == [expected])
    }

    @Test func `a clock that is behind the log is not counted as work, and a retry waits for what was meant`() {
        var state = RunState(id: RunScript.run, agent: "a", limits: RunLimits())
        let events = RunScript().events
        let (ahead, behind) = (Timestamp(milliseconds: 10_000_000), Timestamp(milliseconds: 10_000_000 - 3_600_000))
        // Taken in where the clock is ahead, performed where it is behind, stopped where it is ahead again.
        for event in events.dropLast() { state.apply(event, at: ahead) }
        state.apply(events[2], at: behind)
        for event in RunScript().failing(step: 1, retryIn: 1_000).events.suffix(1) { state.apply(event, at: behind) }
        #expect(state.workTime == .zero && state.startedAt == ahead)
        state.apply(.status(StatusEvent(.running)), at: ahead)
        #expect(state.workTime == .zero)
    }

    @Test func `work time does not count while a human is asked`() {
        let script = Self.criticalCall.approval(.requested, call: 1, tool: "pay").adding(.status(StatusEvent(.pendingApproval)))
        var state = script.fold()
        let before = state.workTime
        state.apply(
            .approval(
                ApprovalEvent(
                    approvalID: RunScript.approval(1),
                    state: .approved,
                    reason: .criticalTool,
                    callID: RunScript.call(1),
                    tool: "pay",
                    params: [:]
                )
            ),
            at: RunScript.at(100_000)
        )
        state.apply(.status(StatusEvent(.running)), at: RunScript.at(100_001))
        #expect(state.workTime == before)
    }

    @Test func `work time does not count during a pause`() {
        var state = Self.oneCall.adding(Self.pausing).adding(Self.paused).fold()
        let before = state.workTime
        state.apply(Self.resuming, at: RunScript.at(100_000))
        state.apply(.status(StatusEvent(.running)), at: RunScript.at(100_001))
        #expect(state.workTime == before)
    }

    // MARK: Loop breaker

    static func rounds(_ count: Int, tool: String, result: (Int) -> ToolResult = { _ in .success("same") }) -> RunScript {
        (1...count).reduce(RunScript()) { script, step in
            script.asking(step: step).calling(step: step, (step, tool, ["q": "x"])).intending(step).resulting(
                step,
                tool: tool,
                result(step)
            )
        }
    }

    @Test(arguments: [
        (2, "look", false, ["model 3.1"]), (3, "look", false, ["failed loop_detected"]), (3, "poll", false, ["model 4.1"]),
        (3, "look", true, ["model 4.1"]),
    ])
    func `three identical rounds stop the run, unless the tool may repeat or results differ`(_ row: (Int, String, Bool, [String])) {
        let (count, tool, differs, expected) = row
        let script = Self.rounds(count, tool: tool) { .success(differs ? .int($0) : "same") }
        #expect(script.next().map(\.word) == expected)
    }

    @Test func `another call between starts the count again`() {
        let script = Self.rounds(2, tool: "look").asking(step: 3).calling(step: 3, (9, "set", [:])).intending(9).resulting(9, tool: "set")
            .asking(step: 4).calling(step: 4, (10, "look", ["q": "x"])).intending(10).resulting(10, tool: "look", .success("same"))
        #expect(script.next().map(\.word) == ["model 5.1"])
    }
}
