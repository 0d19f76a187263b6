extension RunState {
    /// What a graph's run does next: look where outputs lead, let nodes begin, see their calls through, and end when nothing is left.
    func next(in plan: GraphPlan, _ work: Work) -> [RunAction] {
        if let failure = graph.failure { return [Self.end(failure)] }
        if taken.toolCalls > limits.toolCalls {
            return [fail(.limitToolCalls, "The graph asked for \(taken.toolCalls) calls; the limit is \(limits.toolCalls).")]
        }
        if workTime >= limits.workTime {
            return [
                fail(
                    .limitWorkTime,
                    "The graph worked for \(workTime.components.seconds) s; the limit is \(limits.workTime.components.seconds) s."
                )
            ]
        }
        let undecided = graph.undecided
        if !undecided.isEmpty { return undecided.map { .takeEdges(from: $0.callID) } }
        if endsWithNo { return [.finish(.cancelled)] }
        let ready = graph.ready(in: plan)
        if !ready.isEmpty { return ready.map { .startNode($0) } }
        let open = openGraphCalls
        guard !open.isEmpty else { return [.relay(output: graph.output(humans: plan.humans))] }
        let actions = open.compactMap { action(for: $0, work) }
        return actions.isEmpty && work.inFlight.isEmpty ? [.awaitHuman] : actions
    }

    /// Every call of a graph is a node's; the newest are looked at first.
    private var openGraphCalls: [CallState] {
        guard let calls = rounds.last?.calls else { return [] }
        guard calls.count == graph.visits.count else { return calls.filter { $0.result == nil } }
        return graph.working.compactMap { id in calls.last { $0.id == id } }
    }

    /// A person said no, and no edge is there for that.
    private var endsWithNo: Bool {
        graph.leftovers.contains { graph.results[$0]?["approved"] == false && graphPlan?.humans.contains($0) == true }
    }

    /// A node that fails ends the graph as if the work had been done here. Stopping one node's run is a failure of that node: the graph
    /// itself was not stopped.
    private static func end(_ failure: GraphState.Failure) -> RunAction {
        let reason = failure.result.error ?? "It gave no reason."
        let given = failure.result.code.flatMap { $0 == Self.stopped ? nil : $0 }
        let code = given ?? RunErrorCode.nodeFailed.rawValue
        return .finish(.failed(code: code, message: "The node \(failure.node) failed: \(reason)"))
    }

    /// The code of a result whose run somebody stopped.
    public static let stopped = "stopped"
}

extension GraphPlan {
    /// Nodes that ask a person.
    var humans: Set<String> {
        Set(nodes.values.filter { if case .human = $0.work { true } else { false } }.map(\.name))
    }
}
