/// What came of a tool call: the one envelope `{success, data?, error?, status_code?, cached?}` (DESIGN §7).
public struct ToolResult: Sendable, Hashable {
    public var success: Bool
    public var data: JSON?
    /// What went wrong, in words that a model can act on.
    public var error: String?
    /// A stable word for the kind of failure: `unknown_tool`, `invalid_arguments`, `timeout`, `uncertain_effect`, `rehearsal_refused` …
    public var code: String?
    public var statusCode: Int?
    public var cached: Bool
    public var attempts: Int
    public var duration: Duration
    /// The call may or may not have had its effect (time-out, 5xx or crash of a call that is not idempotent).
    public var uncertain: Bool

    public init(
        success: Bool,
        data: JSON? = nil,
        error: String? = nil,
        code: String? = nil,
        statusCode: Int? = nil,
        cached: Bool = false,
        attempts: Int = 1,
        duration: Duration = .zero,
        uncertain: Bool = false
    ) {
        self.success = success
        self.data = data
        self.error = error
        self.code = code
        self.statusCode = statusCode
        self.cached = cached
        self.attempts = attempts
        self.duration = duration
        self.uncertain = uncertain
    }

    public static func success(_ data: JSON) -> ToolResult { ToolResult(success: true, data: data) }

    public static func failure(_ error: String, code: String, statusCode: Int? = nil, uncertain: Bool = false) -> ToolResult {
        ToolResult(success: false, error: error, code: code, statusCode: statusCode, uncertain: uncertain)
    }

    /// The envelope as the model reads it.
    public var envelope: JSON {
        var object = JSONObject([("success", .bool(success))])
        object["data"] = data
        object["error"] = error.map(JSON.string)
        object["code"] = code.map(JSON.string)
        object["status_code"] = statusCode.map { .int($0) }
        if cached { object["cached"] = true }
        if uncertain { object["uncertain"] = true }
        return .object(object)
    }
}
