/// What came of a tool call: the one envelope `{success, data?, error?, status_code?, cached?}` (DESIGN §7).
///
/// Whether it was kept, how often it was tried and how long it took are for people, in the event: a model is told only what it can act on, so that
/// the same result is the same words to it, and the same question to the response cache.
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
        var members: [(key: String, value: JSON)] = [("success", .bool(success))]
        if let data { members.append(("data", data)) }
        if let error { members.append(("error", .string(error))) }
        if let code { members.append(("code", .string(code))) }
        if let statusCode { members.append(("status_code", .int(statusCode))) }
        if uncertain { members.append(("uncertain", true)) }
        return .object(JSONObject(unique: members))
    }

    /// The envelope as JSON bytes.
    public var envelopeBytes: [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("success", success)
        if let data { writer.member("data", data) }
        if let error { writer.member("error", error) }
        if let code { writer.member("code", code) }
        if let statusCode { writer.member("status_code", statusCode) }
        if uncertain { writer.member("uncertain", true) }
        writer.endObject()
        return writer.finish()
    }
}
