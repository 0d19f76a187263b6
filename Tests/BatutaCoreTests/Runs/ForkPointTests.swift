import BatutaCore
import Testing

@Suite struct ForkPointTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var script: RunScript
        /// What the fork would do next.
        var next: [String]
        /// How many events are not taken over.
        var left: Int
        var given: Set<CallID> = []
        var testDescription: String { name }
    }

    static let usage = EventData.usage(UsageEvent(model: "m", usage: ModelUsage(inputTokens: 1, outputTokens: 1)))
    static let begun = RunScript()
    static let answered = begun.asking(step: 1).answering(step: 1, text: "hi").adding(usage)
    static let paying = begun.asking(step: 1).proposing((1, "pay"))
    static let asked = paying.approval(.requested, call: 1, tool: "pay").adding(.status(StatusEvent(.pendingApproval)))
    static let looked = begun.asking(step: 1).proposing((1, "look")).intending(1).resulting(1, tool: "look")
    static let both = begun.asking(step: 1).proposing((1, "look"), (2, "write")).intending(1).intending(2).resulting(1, tool: "look")

    static let table: [Case] = [
        Case(name: "before the model was asked", script: begun, next: ["model 1.1"], left: 0),
        Case(name: "while the model is asked", script: begun.asking(step: 1), next: ["model 1.1"], left: 1),
        Case(
            name: "after an attempt that failed",
            script: begun.asking(step: 1).failing(step: 1, retryIn: 5),
            next: ["model 1.1"],
            left: 2
        ),
        Case(
            name: "an answer without the rest of its commit is half a step",
            script: begun.asking(step: 1).answering(step: 1, text: "hi"),
            next: ["model 1.1"],
            left: 3
        ),
        Case(
            name: "calls that are not all there are half a step",
            script: looked.asking(step: 2).adding(.step(StepEvent(.modelAnswer(ModelAnswerNote(accepted: true, calls: 2)), step: 2)))
                .adding(usage).adding(
                    .toolCall(ToolCallEvent(callID: RunScript.call(9), tool: "look", params: [:], effect: .read, step: 2))
                ),
            next: ["model 2.1"],
            left: 4
        ),
        Case(name: "a whole answer is kept", script: answered, next: ["completed"], left: 0),
        Case(
            name: "the end is the fork's own",
            script: answered.adding(.complete(CompleteEvent(status: .completed, output: "hi"))),
            next: ["completed"],
            left: 1
        ),
        Case(name: "a result is kept", script: looked, next: ["model 2.1"], left: 0),
        Case(
            name: "a call that nobody performed is asked of the model again",
            script: begun.asking(step: 1).proposing((1, "look")),
            next: ["model 1.1"],
            left: 4
        ),
        Case(name: "a call that was under way is asked of the model again", script: paying.intending(1), next: ["model 1.1"], left: 5),
        Case(name: "of two calls the one with a result is kept", script: both, next: ["model 2.1"], left: 2),
        Case(name: "a pending question is asked again", script: asked, next: ["ask call_1 critical_tool"], left: 2),
        Case(
            name: "a question that was answered and whose call did not come back is not",
            script: asked.approval(.approved, call: 1, tool: "pay"),
            next: ["model 1.1"],
            left: 7
        ),
        Case(
            name: "a decided call keeps its question and its result",
            script: paying.approval(.requested, call: 1, tool: "pay").approval(.approved, call: 1, tool: "pay").intending(1)
                .resulting(1, tool: "pay"),
            next: ["model 2.1"],
            left: 0
        ),
        Case(
            name: "neither a stop nor a pause is taken over",
            script: looked.adding(.status(StatusEvent(word: StatusEvent.pausing))).adding(.status(StatusEvent(.paused)))
                .adding(.status(StatusEvent(word: StatusEvent.stopping))),
            next: ["model 2.1"],
            left: 3
        ),
        Case(
            name: "a call whose result is given is kept",
            script: paying.intending(1),
            next: ["record nothing"],
            left: 1,
            given: [RunScript.call(1)]
        ),
    ]

    @Test(arguments: table) func `a fork takes over whole steps and recorded results`(_ row: Case) throws {
        let point = try #require(ForkPoint(row.script.events, given: row.given))
        #expect(row.script.events.count - point.kept.count == row.left)
        var state = RunState(id: RunScript.run, agent: "assistant", limits: RunLimits())
        for position in point.kept { state.apply(row.script.events[position], at: RunScript.at(position)) }
        guard row.given.isEmpty else { return #expect(point.calls.map(\.callID) == Array(row.given)) }
        #expect(state.next(tools: RunScript.tools).map(\.word) == row.next)
    }

    @Test func `before its message there is nothing to fork`() {
        #expect(ForkPoint([]) == nil)
        #expect(ForkPoint([.status(StatusEvent(.queued, project: "p1"))]) == nil)
    }
}

extension RunScript {
    /// One answer with its usage, as a driver commits it, that asks for these calls.
    func proposing(_ calls: (number: Int, tool: String)...) -> RunScript {
        let note = ModelAnswerNote(accepted: true, calls: calls.count, finishReason: .toolCalls)
        var script = adding(.step(StepEvent(.modelAnswer(note), step: 1))).adding(ForkPointTests.usage)
        for call in calls {
            let effect = Self.tools[call.tool]?.effect ?? .read
            let event = ToolCallEvent(callID: Self.call(call.number), tool: call.tool, params: [:], effect: effect, step: 1)
            script = script.adding(.toolCall(event))
        }
        return script
    }
}
