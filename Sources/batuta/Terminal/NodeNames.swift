import BatutaCore

/// Which node of a graph each call belongs to, learnt from the events as they come: an edge names only the call that it follows.
struct NodeNames: Sendable {
    private var nodes: [String: String] = [:]

    mutating func note(_ type: String, _ data: JSON) {
        guard type == "tool_call", let call = data["call_id"]?.string, let node = data["node"]?.string else { return }
        nodes[call] = node
    }

    /// The node of a call, by an event that names the call.
    func name(of data: JSON) -> String? { data["call_id"]?.string.flatMap { nodes[$0] } }

    /// `review ➝ write`, once for each edge that was taken; nil for any other event.
    mutating func way(_ data: JSON, _ language: Language) -> String? {
        guard data["kind"] == "edges", let node = name(of: data) else { return nil }
        data["call_id"]?.string.map { nodes[$0] = nil }
        let targets = (data["taken"]?.array ?? []).flatMap { $0["to"]?.array?.compactMap(\.string) ?? [] }
        if targets.isEmpty { return Words("\(node) ➝ (no edge leads on)", "\(node) ➝ (nenhuma aresta segue)")(language) }
        return "\(node) ➝ \(targets.joined(separator: ", "))"
    }

    /// What a node does: `write (writer)`, `facts (search_facts)`; nil for a call of no node.
    static func work(of call: JSON) -> String? {
        guard let node = call["node"]?.string else { return nil }
        let worker = isDelegation(call) ? call["params"]?["member"]?.string : call["tool"]?.string
        guard let worker, worker != node else { return node }
        return "\(node) (\(worker))"
    }

    /// Work for an agent or a team, whose task the member's own events show.
    static func isDelegation(_ call: JSON) -> Bool { call["node"] != nil && call["tool"]?.string == TeamPlan.delegateTool }
}
