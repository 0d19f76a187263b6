/// How far a graph has come: the fold of its nodes' calls, their results and the edges taken. Pure.
public struct GraphState: Sendable, Hashable {
    /// One pass of a node.
    public struct Visit: Sendable, Hashable {
        public enum Stage: String, Sendable { case working, ended, refused, failed, decided }

        public var node: String
        public var callID: CallID
        public var stage: Stage
    }

    /// An edge was taken, and the node that it leads to has not begun since.
    struct Token: Sendable, Hashable {
        var edge: Int
        var from: String
        var node: String
    }

    public internal(set) var visits: [Visit] = []
    /// The places of those that are not decided, in order: a graph that goes round a thousand times does not look at all of them each time.
    private var open: [Int] = []
    /// The last output of each node: `results` in expressions.
    public internal(set) var results = JSONObject()
    /// The fields of all outputs that have any, later ones over earlier ones: `state` in expressions.
    public internal(set) var fields = JSONObject()
    var tokens: [Token] = []
    /// How often each edge was taken.
    var used: [Int: Int] = [:]
    /// Nodes from which the graph came to its end.
    var ends: [String] = []
    /// Nodes that no edge led on from.
    var leftovers: [String] = []
    /// The last node that no person answered.
    var lastWork: String?
    /// Whose outputs led to a node's last pass.
    public internal(set) var origins: [String: [String]] = [:]
    /// The first node that could not do its work, and why.
    var failure: Failure?

    struct Failure: Sendable, Hashable {
        var node: String
        var result: ToolResult
    }

    public init() {}

    func isUsedUp(_ edge: Int, in plan: GraphPlan) -> Bool { plan.edges[edge].most.map { used[edge, default: 0] >= $0 } ?? false }

    // MARK: Folding

    mutating func begin(_ node: String, _ call: CallID) {
        origins[node] = sources(of: node)
        tokens.removeAll { $0.node == node }
        open.append(visits.count)
        visits.append(Visit(node: node, callID: call, stage: .working))
    }

    /// After `visits` was set as a whole.
    mutating func findOpen() { open = visits.indices.filter { visits[$0].stage != .decided } }

    mutating func end(_ call: CallID, _ result: ToolResult, isHuman: Bool) {
        guard let index = visits.lastIndex(where: { $0.callID == call && $0.stage == .working }) else { return }
        guard result.success else {
            visits[index].stage = .failed
            failure = failure ?? Failure(node: visits[index].node, result: result)
            return
        }
        let output = result.data ?? .null
        let saysNo = isHuman && output["approved"] == false
        visits[index].stage = saysNo ? .refused : .ended
        results[visits[index].node] = output
        for (name, value) in output.object ?? [:] { fields[name] = value }
        if !isHuman { lastWork = visits[index].node }
    }

    mutating func take(_ edges: [TakenEdge], from call: CallID) {
        guard let index = visits.lastIndex(where: { $0.callID == call }) else { return }
        let node = visits[index].node
        visits[index].stage = .decided
        open.removeAll { $0 == index }
        if edges.isEmpty { leftovers.append(node) }
        for edge in edges {
            used[edge.edge, default: 0] += 1
            for target in edge.to {
                if target == GraphPlan.end { ends.append(node) } else { tokens.append(Token(edge: edge.edge, from: node, node: target)) }
            }
        }
    }

    // MARK: Deciding

    /// The nodes whose outputs lead to one that has not begun.
    public func sources(of node: String) -> [String] { tokens.filter { $0.node == node }.map(\.from) }

    /// Passes that are not decided.
    private var openVisits: some Sequence<Visit> { open.lazy.map { visits[$0] } }

    /// The calls that nodes are at work on.
    var working: [CallID] { openVisits.filter { $0.stage == .working }.map(\.callID) }

    /// Nodes that have an output and no decision yet.
    var undecided: [Visit] { openVisits.filter { $0.stage == .ended || $0.stage == .refused } }

    /// Whether a node is at work, or its output was not looked at yet.
    private func isBusy(_ node: String) -> Bool { openVisits.contains { $0.node == node } }

    /// Nodes to which an edge was taken, in the order of that.
    private var scheduled: [String] {
        var seen: Set<String> = []
        return tokens.map(\.node).filter { seen.insert($0).inserted }
    }

    /// Nodes that can begin now: nothing that is under way can still lead to them but through themselves (PROJECT.md, Graphs).
    func ready(in plan: GraphPlan) -> [String] {
        if visits.isEmpty { return [plan.start] }
        let waiting = scheduled
        let free = waiting.filter { !isBusy($0) && !isAwaited($0, among: waiting, plan) }
        if !free.isEmpty { return free }
        // Nodes that wait for each other: the one that was reached first begins.
        return open.isEmpty ? Array(waiting.prefix(1)) : []
    }

    private func isAwaited(_ node: String, among waiting: [String], _ plan: GraphPlan) -> Bool {
        let open = (plan.reaching[node] ?? []).filter { edge in
            !isUsedUp(edge, in: plan) && !tokens.contains { $0.edge == edge && $0.node == node }
        }
        let sources = Set(open.map { plan.edges[$0].from }).subtracting([node])
        guard !sources.isEmpty else { return false }
        var reached = Set(openVisits.map(\.node)).union(waiting).subtracting([node])
        var rest = Array(reached)
        while let next = rest.popLast() {
            if sources.contains(next) { return true }
            for edge in plan.leaving[next] ?? [] where !isUsedUp(edge, in: plan) {
                for target in plan.edges[edge].to where target != node && target != GraphPlan.end {
                    if reached.insert(target).inserted { rest.append(target) }
                }
            }
        }
        return false
    }

    /// What came of the whole: the outputs with which it ended, a person's answers told by what they were asked about.
    func output(humans: Set<String>) -> String {
        let last = ends.isEmpty ? leftovers : ends
        var names: [String] = []
        for name in last {
            let told = humans.contains(name) ? (origins[name]?.last { !humans.contains($0) } ?? lastWork ?? name) : name
            if !names.contains(told) { names.append(told) }
        }
        return names.compactMap { results[$0] }.map(\.insertedText).joined(separator: "\n\n")
    }
}
