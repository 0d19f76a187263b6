import BatutaCore

/// tools/NAME.yaml as it was written.
struct ToolFile: Sendable {
    var name: Located<String>?
    var description = ""
    var effect: ToolEffect?
    var idempotent: Bool?
    var parameters: Located<JSON>?
    var checks: [CheckEntry] = []
    var retry: RetryReference?
    var timeout: Duration?
    var breaker: BreakerEntry?
    var cache: Located<HTTPToolDefinition.Cache>?
    var invalidates: [Located<String>] = []
    var settle: Located<SettleEntry>?
    var repeats: String?
    var http: Located<RequestEntry>?
    /// The file describes a tool of a kind that this version does not run.
    var kindIsLater = false

    /// Kinds of the language that this version does not run.
    static let laterKinds = ["sql", "python", "agent", "mcp"]

    static let shape = Shape.record(ToolFile(), "a tool", fields + kinds)

    private static let fields: [Field<ToolFile>] = [
        Field("name", \.name, .at(.name), "The tool's name; the file's unless given."),
        Field("description", \.description, .text(atMost: 10_000, orEmpty: false), "What the tool does, for the model.", required: true),
        Field("effect", \.effect, .word, "read: changes nothing; write: changes something; critical: asks a human first.", required: true),
        Field("idempotent", \.idempotent, .flag, "Whether calling twice is like calling once, as the service promises it."),
        Field("parameters", \.parameters, .at(parameters), "JSON Schema of the arguments."),
        Field("check", \.checks, .list(of: CheckEntry.shape), "Further conditions on the arguments."),
        Field("retry", \.retry, RetryReference.shape, "A profile under `retry`, or written out."),
        Field("timeout", \.timeout, RetryEntry.timeout, "Time for one attempt; overrides the profile's."),
        Field("breaker", \.breaker, BreakerEntry.shape, "When calls to a failing service fail at once, or `off`."),
        Field("cache", \.cache, .at(cache), "How long a result is kept; only for effect: read."),
        Field("invalidates", \.invalidates, .list(of: .at(.text)), "Tags of kept results that a call makes stale."),
        Field("settle", \.settle, .at(SettleEntry.shape), "How to find out whether an uncertain call took effect."),
        Field("repeats", \.repeats, .word(["allowed"]), "`allowed`: identical calls are no loop."),
        .notYet("result_schema", "JSON Schema of the result."),
        .notYet("idempotency_window", "How long the service remembers a key."),
    ]

    private static let kinds: [Field<ToolFile>] =
        [Field("http", \.http, .at(RequestEntry.shape), "The request that a call makes.")]
        + laterKinds.map { kind in
            Field(kind, \.kindIsLater, laterKind(kind), "A tool of another kind.")
        }

    private static func laterKind(_ kind: String) -> Shape<Bool> {
        Shape(schema: true, expected: "a tool") { node, problems in
            problems.error(node.line, "kind `\(kind)` is not supported yet by this version", hint: "use `http`")
            return true
        }
    }

    private static let parameters = Shape<JSON>.jsonSchema.checked { schema, node, problems in
        if schema["type"]?.string != "object" {
            problems.error(node["type"]?.line ?? node.line, "the schema of parameters must say `type: object`: arguments have names")
        }
    }

    private static let cache = Shape.record(
        HTTPToolDefinition.Cache(),
        "a cache",
        [
            Field("ttl", \.ttl, .duration(.milliseconds(1)...(.seconds(30 * 86_400))), "How long a result is kept; 5m unless given."),
            Field("scope", \.scope, .word, "For whom: user or project; user unless given."),
            Field("tags", \.tags, .list(of: .text), "Names by which writing tools make results stale."),
        ]
    )
}

/// `check`: a condition with its words.
struct CheckEntry: Sendable {
    var condition: Located<String>?
    var message = ""

    static let shape = Shape.record(
        CheckEntry(),
        "a condition",
        [
            Field("that", \.condition, .at(.text(atMost: 10_000, orEmpty: false)), "An expression that must hold.", required: true),
            Field("message", \.message, .text(atMost: 10_000, orEmpty: false), "What the model is told when it does not.", required: true),
        ]
    )
}

/// `settle`.
struct SettleEntry: Sendable {
    var tool: Located<String>?
    var arguments: YAMLNode?
    var within = Duration.seconds(10)
    var done: Located<String>?

    static let shape = Shape.record(
        SettleEntry(),
        "a settlement",
        [
            Field("tool", \.tool, .at(.text), "A read tool, asked fresh.", required: true),
            Field("arguments", \.arguments, .mapping, "Its arguments; ${params.NAME} are those of the uncertain call."),
            Field(
                "within",
                \.within,
                .duration(.zero...(.seconds(3_600))),
                "How long the service may take to show a write; 10s unless given."
            ),
            Field(
                "done",
                \.done,
                .at(.text(atMost: 10_000, orEmpty: false)),
                "An expression that holds when the call took effect.",
                required: true
            ),
        ]
    )
}

/// `http`.
struct RequestEntry: Sendable {
    var method: String?
    var url: Located<String>?
    var query: YAMLNode?
    var headers: YAMLNode?
    var form: YAMLNode?
    var body: YAMLNode?
    var result: YAMLNode?

    static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]

    static let shape = Shape.record(
        RequestEntry(),
        "a request",
        [
            Field("method", \.method, .word(methods), "GET unless given."),
            Field(
                "url",
                \.url,
                .at(.text(atMost: 8_000, orEmpty: false)),
                "The address; values are encoded as one path segment each.",
                required: true
            ),
            Field("query", \.query, .mapping, "Entries of the query string."),
            Field("headers", \.headers, .mapping, "Headers of the request."),
            Field("form", \.form, .mapping, "A form as the body."),
            Field("body", \.body, .anything, "JSON as the body."),
            Field("result", \.result, .anything, "What the model gets; the whole answer unless given."),
        ]
    )
}
