import BatutaCore
import Testing

@Suite struct FoldPropertyTests {
    static let script = RunScript().asking(step: 1).failing(step: 1, retryIn: 10).asking(step: 1, attempt: 2)
        .calling(step: 1, (1, "look", ["a": 1]), (2, "pay", ["amount": 12]), (3, "nothing", [:]))
        .resulting(3, tool: "nothing", .failure("There is no tool nothing.", code: "unknown_tool"))
        .intending(1).approval(.requested, call: 2, tool: "pay").resulting(1, tool: "look")
        .adding(.status(StatusEvent(.pendingApproval))).approval(.approved, call: 2, tool: "pay").adding(.status(StatusEvent(.running)))
        .intending(2).resulting(2, tool: "pay").adding(
            .usage(UsageEvent(model: "m", usage: ModelUsage(inputTokens: 3, outputTokens: 4), costNanoUSD: 5))
        )
        .asking(step: 2).answering(step: 2, text: "done")
        .adding(.complete(CompleteEvent(status: .completed, output: "done")))

    @Test(arguments: 0...script.events.count)
    func `folding a prefix and then the rest is folding the whole`(_ cut: Int) {
        var state = RunState(id: RunScript.run, agent: "assistant", limits: RunLimits())
        for (index, event) in Self.script.events.enumerated() {
            if index == cut { state = Self.folded(upTo: cut) }
            state.apply(event, at: RunScript.at(index))
        }
        #expect(state.turns == Self.script.fold().turns)
        #expect(state.status == .completed)
        #expect(state.usage == Self.script.fold().usage)
        #expect(state.workTime == Self.script.fold().workTime)
    }

    static func folded(upTo cut: Int) -> RunState {
        var state = RunState(id: RunScript.run, agent: "assistant", limits: RunLimits())
        for (index, event) in script.events.prefix(cut).enumerated() { state.apply(event, at: RunScript.at(index)) }
        return state
    }

    @Test(arguments: script.events + RunStateTests.decided(.approved).events)
    func `an event reads back as it was written`(_ event: EventData) throws {
        var writer = JSONWriter()
        event.write(into: &writer)
        #expect(EventData(type: event.type, json: try JSON.parse(writer.bytes)) == event)
    }

    @Test(arguments: 3...script.events.count)
    func `every prefix of a run knows what to do next`(_ cut: Int) {
        let actions = Self.folded(upTo: cut).next(tools: RunScript.tools)
        #expect(actions.isEmpty == (cut == Self.script.events.count))
    }

    @Test func `an unknown type or shape is passed on and never stops the fold`() throws {
        let odd = EventData(type: "tool_call", json: ["what": "ever"])
        #expect(odd == .other(type: "tool_call", ["what": "ever"]))
        var state = Self.folded(upTo: 3)
        state.apply(odd, at: RunScript.at(4))
        #expect(state.next(tools: [:]).map(\.word) == ["model 1.1"])
    }
}
