import BatutaCore
import BatutaQueue

/// The schemas of the OpenAPI document, and which route takes which.
enum OpenAPISchemas {
    static let requestBodies = [
        "POST /v1/sessions": "NewSession", "PATCH /v1/sessions/{id}": "SessionChange", "POST /v1/sessions/{id}/messages": "NewMessage",
        "PATCH /v1/sessions/{id}/messages/{message_id}": "MessageChange",
        "POST /v1/runs": "NewRun", "POST /api/agent/chat/stream": "OlderChatMessage", "POST /v1/approvals/{id}": "Decision",
        "POST /v1/keys": "NewKey", "POST /v1/login": "Login", "PATCH /v1/me": "MeChange", "POST /v1/profile": "ProfileChange",
        "POST /v1/users": "NewUser", "PATCH /v1/users/{id}": "UserChange", "POST /v1/secrets": "NewSecret",
        "POST /v1/settings/connection": "NewConnection", "POST /v1/runs/{id}/fork": "NewFork",
        "POST /v1/runs/{id}/replay": "ReplayWish", "POST /v1/memories": "NewMemory", "PUT /v1/memories/{id}": "MemoryChange",
        "POST /v1/prompts/{name}/render": "RenderWish", "POST /v1/prompts": "NewPrompt", "POST /v1/runs/{id}/rating": "NewRating",
        "PUT /v1/connections/{name}": "ConnectionFields",
        "POST /v1/mcp/{server}/accept": "ToolAcceptance", "PATCH /v1/schedules/{id}": "ScheduleChange",
        "POST /v1/admin/clock": "ClockMove",
    ]

    static let all: JSON = .object(
        JSONObject(
            [general, OpenAPIMemory.schemas, OpenAPIPrompts.schemas, OpenAPIToolServers.schemas, OpenAPISchedules.schemas]
                .flatMap { $0.object?.members.map { ($0.key, $0.value) } ?? [] }
        )
    )

    private static let general: JSON = [
        "Problem": object([
            ("type", text), ("title", text), ("status", integer), ("detail", text), ("code", text), ("request_id", text),
            ("errors", array(object([("field", text), ("message", text)]))),
        ]),
        "Health": object([("status", text), ("degraded", array(text))]),
        "Info": object([
            ("name", text), ("version", text), ("rehearsal", boolean), ("language", text), ("default_target", text),
            ("targets", array(text)), ("project", text), ("clock", nullableText), ("now", time), ("problems", array(text)),
            ("files_refused", boolean), ("suggestions", array(text)),
        ]),
        "SessionPage": page("Session"), "MessagePage": page("Message"), "EventPage": page("Event"), "RunPage": page("Run"),
        "ApprovalPage": page("Approval"), "KeyPage": page("Key"), "UserPage": page("User"), "SecretPage": page("Secret"),
        "JobPage": page("Job"), "BreakerPage": page("Breaker"), "ConnectionPage": page("Connection"),
        "ConnectionStart": object([("url", text), ("expires_at", time)]),
        "Connection": object([
            ("name", text), ("scope", ["enum": ["user", "project"]]), ("kind", ["enum": ["oauth2", "form"]]), ("connected", boolean),
            ("may_connect", boolean), ("trouble", nullableText), ("fields", array(anyObject)), ("expires_at", nullableText),
            ("updated_at", nullableText),
        ]),
        "Breaker": object([
            ("id", text), ("kind", ["enum": ["service", "model"]]), ("service", text), ("provider", text), ("model", text),
            ("state", ["enum": ["closed", "open", "half_open"]]),
            ("failures", ["type": ["integer", "null"]]),
            ("retry_after_ms", ["type": ["integer", "null"]]),
        ]),
        "LocalModelsPage": page("LocalModels"),
        "Event": object([
            ("id", integer), ("session_id", text), ("run_id", nullableText), ("parent_run_id", nullableText), ("agent", nullableText),
            ("type", text), ("at", time), ("data", anyObject), ("copied_from", anyObject),
        ]),
        "TailPage": object([
            ("data", array(object([("cursor", text), ("event", ["$ref": "#/components/schemas/Event"])]))), ("next_cursor", nullableText),
        ]),
        "Message": object([
            ("message_id", text), ("parent_message_id", nullableText), ("role", text), ("content", text), ("run_id", nullableText),
            ("at", time), ("siblings", array(text)), ("attachments", array(attachment)),
        ]),
        "MessageChange": closed([("content", content), ("variables", anyObject)], required: ["content"]),
        "NewSession": closed([("target", text), ("title", text), ("metadata", anyObject), ("variables", anyObject)]),
        "SessionChange": closed([("title", text), ("metadata", anyObject), ("leaf", text)]),
        "Session": object([
            ("id", text), ("target", text), ("title", nullableText), ("created_at", time), ("updated_at", time), ("metadata", anyObject),
            ("last_event", integer), ("leaf", nullableText), ("owner", text), ("owner_name", nullableText),
            (
                "forked_from",
                [
                    "type": ["object", "null"],
                    "properties": [
                        "session_id": text, "run_id": text, "event": integer, "changed": array(text), "changes": anyObject,
                    ],
                ]
            ),
        ]),
        "ReplayWish": closed([("project", ["enum": ["pinned", "current"]])]),
        "Replay": object([
            ("same", boolean), ("events", integer), ("project", text),
            ("differences", array(object([("event", integer), ("expected", true), ("got", true)]))),
        ]),
        "ForkGround": object([
            ("from_event", integer), ("goes_on", boolean), ("content", text), ("instructions", text), ("model", text),
            ("models", array(text)),
            (
                "tool_results",
                array(
                    object([
                        ("call_id", text), ("tool", text), ("params", true), ("success", ["type": ["boolean", "null"]]), ("data", true),
                        ("error", text),
                    ])
                )
            ),
        ]),
        "NewFork": closed(
            [
                ("from_event", integer),
                (
                    "changes",
                    closed([("content", text), ("instructions", text), ("model", text), ("tool_results", anyObject)])
                ),
            ],
            required: ["from_event"]
        ),
        "NewMessage": closed(
            [("content", content), ("variables", anyObject), ("attachments", array(text)), ("parent_message_id", nullableText)],
            required: ["content"]
        ),
        "NewRun": closed(
            [
                ("target", text), ("content", content), ("stream", boolean), ("session_id", text), ("variables", anyObject),
                ("attachments", array(text)),
            ],
            required: ["content"]
        ),
        "Accepted": object([("run_id", text), ("message_id", text), ("after", integer), ("session_id", text)]),
        "Run": object([
            ("id", text), ("session_id", text), ("session_title", nullableText), ("parent_run_id", nullableText), ("root_run_id", text),
            ("owner", text), ("owner_name", nullableText), ("target", text), ("agent", text),
            ("input", nullableText), ("status", text), ("created_at", time), ("started_at", nullableText), ("ended_at", nullableText),
            ("usage", tokens),
            ("cost_usd", ["type": ["number", "null"]]), ("estimated", boolean), ("output", text), ("error", anyObject),
            ("rehearsal", boolean),
            ("changes", anyObject), ("schedule", text),
        ]),
        "OlderChatMessage": object([("message", text), ("session_id", text)]),
        "OlderChatEvent": object([
            ("type", text), ("content", text), ("agent", text), ("tool", text), ("params", anyObject), ("session_id", text),
        ]),
        "Upload": closed([("file", ["type": "string", "format": "binary"])], required: ["file"]),
        "Bytes": ["type": "string", "format": "binary"], "Page": ["type": "string"],
        "ConnectionFields": ["type": "object", "description": "The connection's fields by name"],
        "FilePage": page("File"),
        "File": object([
            ("id", text), ("session_id", nullableText), ("name", text), ("media_type", text), ("size", integer), ("created_at", time),
            ("run_id", text),
        ]),
        "Trace": object([
            ("run_id", text), ("session_id", text), ("status", text), ("agent", text), ("target", text), ("rehearsal", boolean),
            ("started_at", nullableText), ("ended_at", nullableText), ("duration_ms", nullableInteger), ("usage", tokens),
            ("cost_usd", ["type": ["number", "null"]]), ("estimated", boolean), ("spans", array(span)),
        ]),
        "Decision": closed(
            [("decision", ["enum": ["approve", "reject"]]), ("arguments", anyObject), ("note", text), ("result", true)],
            required: ["decision"]
        ),
        "Approval": object([
            ("id", text), ("run_id", text), ("session_id", text), ("session_title", nullableText), ("agent", nullableText),
            ("owner", text), ("owner_name", nullableText), ("call_id", text), ("state", text), ("reason", text), ("tool", nullableText),
            ("tool_description", nullableText), ("params", anyObject), ("warnings", array(text)), ("suggested_action", nullableText),
            ("requested_at", time), ("expires_at", time), ("rehearsal", boolean), ("decided_at", time), ("by", text),
            ("by_name", nullableText), ("note", text), ("arguments", anyObject), ("result", true), ("doubts", array(anyObject)),
            ("facts", anyObject), ("approvers", anyObject),
        ]),
        "Job": object([
            ("id", text), ("queue", text), ("kind", text), ("status", ["enum": .array(JobStatus.allCases.map { .string($0.rawValue) })]),
            ("cancelling", boolean), ("priority", integer), ("attempts", integer), ("max_attempts", integer),
            ("every_seconds", ["type": ["number", "null"]]), ("unique_key", nullableText), ("user", nullableText), ("payload", true),
            ("node", nullableText), ("run_at", time), ("created_at", time), ("started_at", nullableText), ("ended_at", nullableText),
            ("reason", object([("code", text), ("detail", text)])), ("error", nullableText),
        ]),
        "UsageReport": object([
            ("from", text), ("to", text), ("time_zone", text), ("group_by", array(text)), ("data", array(object(usageLine))),
            ("total", object(usageFigures)), ("next_cursor", nullableText),
        ]),
        "BudgetPage": object([
            (
                "data",
                array(
                    object([
                        ("budget", text), ("user", text), ("limit_usd", number), ("spent_usd", number), ("reserved_usd", number),
                        ("left_usd", number), ("from", text), ("to", text), ("renews_at", time),
                    ])
                )
            ), ("time_zone", text), ("next_cursor", nullableText),
        ]),
        "NewKey": closed([("name", text), ("role", role), ("expires", text), ("user", nullableText)], required: ["name"]),
        "Key": object([
            ("id", text), ("name", text), ("role", role), ("user", nullableText), ("created_at", time), ("expires_at", nullableText),
            ("last_used_at", nullableText), ("key", text),
        ]),
        "Login": closed([("email", text), ("password", text)], required: ["email", "password"]),
        "Me": object([
            ("id", text), ("email", nullableText), ("name", nullableText), ("role", role), ("language", nullableText),
            ("theme", nullableText), ("has_password", boolean), ("created_at", time),
        ]),
        "MeChange": closed([
            ("name", nullableText), ("email", text), ("language", ["enum": ["pt-BR", "en", nil]]),
            ("theme", ["enum": ["light", "dark", nil]]), ("password", newPassword), ("current_password", text),
        ]),
        "Profile": object([("schema", ["type": ["object", "null"]]), ("profile", anyObject)]),
        "ProfileChange": anyObject,
        "NewUser": closed(
            [("email", text), ("role", role), ("name", nullableText), ("password", newPassword)],
            required: ["email", "role"]
        ),
        "UserChange": closed([("role", role), ("name", text), ("disabled", boolean)]),
        "User": object([
            ("id", text), ("email", nullableText), ("name", nullableText), ("role", role), ("created_at", time),
            ("last_seen_at", nullableText), ("disabled", boolean), ("has_password", boolean),
        ]),
        "SignInLink": object([("url", text), ("expires_at", time)]),
        "Settings": object([
            (
                "project",
                object([
                    ("name", text), ("language", text), ("default_target", nullableText), ("targets", array(text)), ("hash", text),
                    ("problems", array(text)),
                ])
            ),
            ("rehearsal", boolean),
            (
                "models",
                array(
                    object([
                        ("name", text), ("provider", text), ("model", text), ("base_url", text), ("connected", boolean),
                        ("source", ["enum": ["project", "settings"]]),
                    ])
                )
            ),
            (
                "providers",
                array(
                    object([
                        ("name", text), ("label", text), ("base_url", text), ("needs_key", boolean), ("has_key", boolean),
                        ("key_source", ["enum": ["vault", "environment", .null]]),
                    ])
                )
            ),
            (
                "connection",
                ["type": ["object", "null"], "properties": ["provider": text, "model": nullableText, "base_url": text]]
            ),
        ]),
        "LocalModels": object([("label", text), ("base_url", text), ("models", array(text))]),
        "NewConnection": closed([("provider", text), ("api_key", text), ("base_url", text), ("model", text)], required: ["provider"]),
        "Connected": object([("provider", text), ("model", text), ("base_url", text), ("latency_ms", integer)]),
        "NewSecret": closed([("name", text), ("value", text)], required: ["name", "value"]),
        "Secret": object([("name", text), ("created_at", time), ("updated_at", time)]),
    ]

    static let text: JSON = ["type": "string"]
    static let nullableText: JSON = ["type": ["string", "null"]]
    static let time: JSON = ["type": "string", "format": "date-time"]
    static let integer: JSON = ["type": "integer"]
    static let boolean: JSON = ["type": "boolean"]
    static let number: JSON = ["type": "number"]
    /// Counts of tokens that are 0 are left out, but the first three.
    private static let tokenCounts: [(String, JSON)] = [
        "input_tokens", "output_tokens", "cached_tokens", "cache_creation_tokens", "long_cache_tokens", "reasoning_tokens",
        "audio_input_tokens", "image_input_tokens", "video_input_tokens", "audio_output_tokens", "image_output_tokens",
    ].map { ($0, integer) }
    private static let tokens = object(tokenCounts)
    private static let usageFigures: [(String, JSON)] =
        [("calls", integer), ("cache_hits", integer)] + tokenCounts + [
            ("unpriced_calls", integer), ("estimated_calls", integer), ("estimated_usd", number), ("cost_usd", number),
            ("saved_usd", number),
        ]
    private static let usageLine: [(String, JSON)] =
        [
            ("day", text), ("agent", text), ("team", nullableText), ("model", text), ("provider", nullableText), ("user", text),
            ("user_name", nullableText),
        ] + usageFigures
    private static let span = object([
        ("id", text), ("parent_id", nullableText), ("kind", ["enum": ["run", "queue", "model", "tool", "approval", "summary"]]),
        ("name", text),
        ("agent", text), ("start_ms", integer), ("end_ms", nullableInteger),
        ("status", ["enum": ["ok", "error", "running", "waiting", "cancelled"]]), ("attempt", integer), ("event", integer),
        ("detail", anyObject),
    ])
    static let nullableInteger: JSON = ["type": ["integer", "null"]]
    private static let attachment = object([("file_id", text), ("name", text), ("media_type", text), ("size", integer)])
    static let anyObject: JSON = ["type": "object"]
    private static let newPassword: JSON = [
        "type": "string", "minLength": .int(PasswordRule.lengths.lowerBound), "maxLength": .int(PasswordRule.lengths.upperBound),
    ]
    private static let role: JSON = ["enum": .array(Role.allCases.map { .string($0.rawValue) })]
    /// A file that was uploaded, or one that stands in the message in base64.
    private static let filePart = closed(
        [("type", ["enum": ["image", "file"]]), ("file_id", text), ("media_type", text), ("data", text), ("name", text)],
        required: ["type"]
    )
    private static let content: JSON = [
        "anyOf": [
            ["type": "string"],
            [
                "type": "array",
                "items": ["anyOf": [closed([("type", ["const": "text"]), ("text", text)], required: ["type", "text"]), filePart]],
            ],
        ]
    ]

    static func array(_ items: JSON) -> JSON { ["type": "array", "items": items] }

    static func page(_ name: String) -> JSON {
        object([("data", array(["$ref": .string("#/components/schemas/\(name)")])), ("next_cursor", nullableText)])
    }

    static func object(_ properties: [(String, JSON)]) -> JSON {
        ["type": "object", "properties": .object(JSONObject(properties))]
    }

    static func closed(_ properties: [(String, JSON)], required: [String] = []) -> JSON {
        [
            "type": "object", "properties": .object(JSONObject(properties)), "required": .array(required.map(JSON.string)),
            "additionalProperties": false,
        ]
    }
}
