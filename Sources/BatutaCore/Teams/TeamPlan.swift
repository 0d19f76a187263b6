/// How a team works, as the core must know it to decide what its run does next.
public enum TeamPlan: Sendable {
    /// The leader asks members by calls, sees their answers and writes its own.
    case coordinate
    /// The leader picks one member; that one's answer is the team's.
    case route
    /// All members work on the task at once; the leader makes one answer of theirs.
    case collaborate(members: [String])
    /// Nodes and edges decide; no model leads.
    case graph(GraphPlan)

    /// The calls by which a leader hands work on have this name.
    public static let delegateTool = "delegate"
}

extension RunID {
    /// The run that does what a call asks for. Of the call's own name, so that after a crash it is the same run (DESIGN §9.3).
    public static func child(of call: CallID) -> RunID { RunID(trusted: prefix + call.rawValue.dropFirst(CallID.prefix.count)) }
}
