import Testing

@testable import BatutaCore

/// A graph that goes round and round keeps all its calls in one round of the fold.
@Suite struct LongGraphTests {
    private static func plan() throws -> GraphPlan {
        let nothing = try JSONTemplate([:])
        return GraphPlan(
            nodes: [GraphPlan.Node("look", .tool("look", arguments: nothing)), GraphPlan.Node("note", .tool("note", arguments: nothing))],
            edges: [
                GraphPlan.Edge(from: "look", to: ["note"]), GraphPlan.Edge(from: "note", to: ["look"], most: 999),
                GraphPlan.Edge(from: "note", to: [GraphPlan.end], isElse: true),
            ],
            start: "look"
        )
    }

    /// Does what the core says until it is over; `check` sees each state with a place in the log.
    private static func play(_ plan: GraphPlan, check: (RunState, Int) throws -> Void) rethrows -> RunState {
        var limits = RunLimits()
        limits.toolCalls = 10_000
        var state = RunState(id: RunID(trusted: "run_1"), agent: "round", limits: limits)
        state.plan = .graph(plan)
        var calls = 0, events = 0
        func apply(_ event: EventData) {
            events += 1
            state.apply(event, at: Timestamp(milliseconds: Int64(events)))
        }
        func edge(after node: String) -> TakenEdge {
            if node == "look" { return TakenEdge(edge: 0, to: ["note"]) }
            return state.graph.isUsedUp(1, in: plan) ? TakenEdge(edge: 2, to: [GraphPlan.end]) : TakenEdge(edge: 1, to: ["look"])
        }
        apply(.status(StatusEvent(.running)))
        while true {
            switch state.next(tools: [:]).first {
            case .startNode(let node)?:
                calls += 1
                var event = ToolCallEvent(callID: CallID(trusted: "call_\(calls)"), tool: node, params: [:], effect: .read, step: 1)
                event.node = node
                apply(.toolCall(event))
            case .callTool(let call)?:
                apply(.step(StepEvent(.toolIntent(callID: call.id, argumentsHash: "x"), step: 1)))
                apply(.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: .success(["n": .int(calls)]))))
            case .takeEdges(let call)?:
                let node = state.graph.visits.last { $0.callID == call }?.node ?? ""
                apply(.step(StepEvent(.edges(from: call, taken: [edge(after: node)]), step: 1)))
            default: return state
            }
            try check(state, events)
        }
    }

    @Test func `it ends after a thousand rounds with the last output, and goes on the same from a checkpoint anywhere`() throws {
        let plan = try Self.plan()
        let state = try Self.play(plan) { state, place in
            #expect(state.graph.working == state.rounds.last?.calls.filter { $0.result == nil }.map(\.id) ?? [])
            guard place % 997 == 0 else { return }
            var kept = try #require(
                RunCheckpoint.state(from: RunCheckpoint.bytes(of: state), id: state.id, agent: state.agent, limits: state.limits)
            )
            kept.plan = .graph(plan)
            #expect(kept.next(tools: [:]) == state.next(tools: [:]))
            #expect(kept.graph == state.graph)
        }
        #expect(state.graph.visits.count == 2_000 && state.graph.working.isEmpty)
        #expect(state.next(tools: [:]) == [.relay(output: #"{"n":2000}"#)])
    }
}
