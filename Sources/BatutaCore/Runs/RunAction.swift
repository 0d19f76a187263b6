/// What a run wants done next. The driver performs it and appends what came of it (DESIGN §3).
public enum RunAction: Sendable, Hashable {
    /// Ask the model; the attempt starts no earlier than `notBefore`.
    case callModel(step: Int, attempt: Int, notBefore: Timestamp?)
    /// Let a call leave: an intent goes to the log first.
    case callTool(CallState)
    /// The call may have had its effect before a crash: let the tool find out, and repeat only if it did not.
    case settleTool(CallState)
    /// Nothing needs to leave: this is the call's result.
    case recordResult(CallState, ToolResult)
    case askHuman(CallState, ApprovalReason)
    /// Hand the task to every member at once.
    case askMembers([String])
    /// A node has its output: find out which edges are taken.
    case takeEdges(from: CallID)
    /// Let a node of the graph begin.
    case startNode(String)
    /// Another run's answer is this one's.
    case relay(output: String)
    /// Nothing can be done until a human answers.
    case awaitHuman
    /// Nothing may be done until someone lets the run go on.
    case pause
    case finish(RunOutcome)
}

/// How a run ends.
public enum RunOutcome: Sendable, Hashable {
    case completed(output: String, FinishReason)
    case cancelled
    case failed(code: String, message: String)
}
