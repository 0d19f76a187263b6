/// The model asked for a tool (DESIGN §9.4). Nothing has left yet.
public struct ToolCallEvent: Sendable, Hashable {
    public var callID: CallID
    public var tool: String
    /// The arguments as they will be sent: repaired where that was certain, secrets masked.
    public var params: JSON
    public var effect: ToolEffect
    public var step: Int
    /// What was repaired in the arguments, in words; empty when nothing was.
    public var repairs: [String]
    /// The run that does the work, where the call asks a member of the team, or another agent.
    public var childRunID: RunID?
    /// The node of the graph that the call is made for.
    public var node: String?

    public init(callID: CallID, tool: String, params: JSON, effect: ToolEffect, step: Int, repairs: [String] = []) {
        self.callID = callID
        self.tool = tool
        self.params = params
        self.effect = effect
        self.step = step
        self.repairs = repairs
    }

    /// What stands for a tool where a graph asks a person.
    public static let question = "ask_person"

    func write(into writer: inout JSONWriter) {
        writer.member("call_id", callID.rawValue)
        writer.member("tool", tool)
        writer.member("params", params)
        writer.member("effect", effect.rawValue)
        writer.member("step", step)
        if !repairs.isEmpty { writer.member("repairs", .array(repairs.map(JSON.string))) }
        if let childRunID { writer.member("child_run_id", childRunID.rawValue) }
        if let node { writer.member("node", node) }
    }

    init?(_ json: JSON) {
        guard let id = json["call_id"]?.string, let tool = json["tool"]?.string, let params = json["params"] else { return nil }
        self.init(
            callID: CallID(trusted: id),
            tool: tool,
            params: params,
            effect: json["effect"]?.string.flatMap(ToolEffect.init) ?? .write,
            step: json["step"]?.int.map { Int($0) } ?? 0,
            repairs: json["repairs"]?.array?.compactMap(\.string) ?? []
        )
        childRunID = json["child_run_id"]?.string.map(RunID.init(trusted:))
        node = json["node"]?.string
    }
}

/// What came of a call.
public struct ToolResultEvent: Sendable, Hashable {
    public var callID: CallID
    public var tool: String
    public var result: ToolResult
    /// What the run that did the work took, all told; only of calls that another run answered.
    public var taken: TreeUse?

    public init(callID: CallID, tool: String, result: ToolResult, taken: TreeUse? = nil) {
        self.taken = taken
        self.callID = callID
        self.tool = tool
        self.result = result
    }

    func write(into writer: inout JSONWriter) {
        writer.member("call_id", callID.rawValue)
        writer.member("tool", tool)
        writer.member("success", result.success)
        if let data = result.data { writer.member("data", data) }
        if let error = result.error { writer.member("error", error) }
        if let code = result.code { writer.member("code", code) }
        if let status = result.statusCode { writer.member("status_code", status) }
        writer.member("cached", result.cached)
        writer.member("attempts", result.attempts)
        writer.member("duration_ms", result.duration.inMilliseconds)
        if result.uncertain { writer.member("uncertain", true) }
        if let taken { writer.member("child", taken.json) }
    }

    init?(_ json: JSON) {
        guard let id = json["call_id"]?.string, let tool = json["tool"]?.string, let success = json["success"]?.bool else { return nil }
        callID = CallID(trusted: id)
        self.tool = tool
        result = ToolResult(
            success: success,
            data: json["data"],
            error: json["error"]?.string,
            code: json["code"]?.string,
            statusCode: json["status_code"]?.int.map { Int($0) },
            cached: json["cached"]?.bool ?? false,
            attempts: json["attempts"]?.int.map { Int($0) } ?? 1,
            duration: .milliseconds(json["duration_ms"]?.int ?? 0),
            uncertain: json["uncertain"]?.bool ?? false
        )
        taken = json["child"].map(TreeUse.init)
    }
}
