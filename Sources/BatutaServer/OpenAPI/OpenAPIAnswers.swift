import BatutaCore
import BatutaHTTP

/// What each route answers, for the OpenAPI document.
enum OpenAPIAnswers {
    /// One answer: its media types, each with the name of its schema.
    struct Answer {
        var status: String
        var description: String
        var content: [(mediaType: String, schema: String)] = []

        var json: JSON {
            var object: JSONObject = ["description": .string(description)]
            if !content.isEmpty {
                object["content"] = .object(JSONObject(content.map { ($0.mediaType, ["schema": OpenAPIDocument.reference($0.schema)]) }))
            }
            return .object(object)
        }
    }

    /// By method and path.
    static let good: [String: [Answer]] = [
        "GET /v1/info": [json("Info")],
        "POST /v1/sessions": [json("Session", "201", "The session")],
        "GET /v1/sessions": [json("SessionPage")],
        "GET /v1/sessions/{id}": [json("Session")],
        "PATCH /v1/sessions/{id}": [json("Session")],
        "DELETE /v1/sessions/{id}": [Answer(status: "204", description: "It is gone; its runs are stopped, its streams closed")],
        "GET /v1/sessions/{id}/messages": [json("MessagePage")],
        "POST /v1/sessions/{id}/messages": [json("Accepted", "202", "The message is durable and its run will go on")],
        "PATCH /v1/sessions/{id}/messages/{message_id}": [
            json("Accepted", "202", "The new message is durable and its run will go on; the old branch stays readable")
        ],
        "GET /v1/sessions/{id}/events": [
            Answer(
                status: "200",
                description: "Server-sent events, each one envelope as data with its number as id; or a page of envelopes",
                content: [("text/event-stream", "Event"), ("application/json", "EventPage")]
            )
        ],
        "GET /v1/sessions/{id}/ws": [Answer(status: "101", description: "WebSocket; each text message is one envelope (Event)")],
        "GET /v1/events": [
            Answer(
                status: "200",
                description: "Server-sent events of all sessions that the caller sees, each with the cursor after it as id; or a page",
                content: [("text/event-stream", "Event"), ("application/json", "TailPage")]
            )
        ],
        "GET /v1/ws": [
            Answer(
                status: "101",
                description: "WebSocket; a page's messages carry a ref and are answered by ack or nack, events are envelopes (Event)"
            )
        ],
        "POST /v1/runs": [
            Answer(
                status: "200",
                description: "The run when it ended or waits for a human; with stream, its events",
                content: [("application/json", "Run"), ("text/event-stream", "Event")]
            ),
            json("Accepted", "202", "Accepted, with wait=0"),
        ],
        "POST /api/agent/chat/stream": [
            Answer(
                status: "200",
                description: "Flat objects of the types status, agent_switch, tool_call, content, complete and error, as they come",
                content: [("application/x-ndjson", "OlderChatEvent"), ("text/event-stream", "OlderChatEvent")]
            )
        ],
        "GET /v1/runs": [json("RunPage")],
        "GET /v1/runs/{id}": [json("Run")],
        "GET /v1/runs/{id}/trace": [json("Trace")],
        "POST /v1/runs/{id}/stop": [json("Run", "200", "The run, ended"), json("Run", "202", "The run is still stopping")],
        "POST /v1/runs/{id}/pause": [
            json("Run", "200", "The run, paused"), json("Run", "202", "The run is still on its way into the pause"),
        ],
        "POST /v1/runs/{id}/resume": [json("Run", "200", "The run; queued when it was paused")],
        "POST /v1/runs/{id}/replay": [json("Replay", "200", "What would be done otherwise; nothing was called or written")],
        "GET /v1/runs/{id}/fork": [json("ForkGround")],
        "POST /v1/runs/{id}/fork": [json("Accepted", "202", "The session is there and its run goes on")],
        "POST /v1/files": [json("File", "201", "The file is on disk; no session has it yet")],
        "POST /v1/sessions/{id}/files": [json("File", "201", "The file is on disk")],
        "GET /v1/sessions/{id}/files": [json("FilePage")],
        "GET /v1/files/{id}": [json("File")],
        "GET /v1/files/{id}/content": [
            Answer(
                status: "200",
                description: "The bytes, as a download; with inline=1 images, PDF and text are shown, in a sandbox",
                content: [("application/octet-stream", "Bytes")]
            )
        ],
        "DELETE /v1/files/{id}": [Answer(status: "204", description: "It is gone; messages still name it")],
        "GET /v1/approvals": [json("ApprovalPage")],
        "GET /v1/approvals/{id}": [json("Approval")],
        "POST /v1/approvals/{id}": [json("Approval")],
        "GET /v1/keys": [json("KeyPage")],
        "POST /v1/keys": [json("Key", "201", "The key with its secret, which is shown here only")],
        "DELETE /v1/keys/{id}": [Answer(status: "204", description: "It is revoked")],
        "GET /signin": [
            Answer(status: "303", description: "To / with the cookie; to /login?reason=link_used when the link is used or expired")
        ],
        "POST /v1/login": [json("Me", "200", "You are signed in; the answer sets the cookie")],
        "POST /v1/logout": [Answer(status: "204", description: "The cookie counts no more")],
        "GET /v1/me": [json("Me")],
        "PATCH /v1/me": [json("Me")],
        "GET /v1/profile": [json("Profile")],
        "POST /v1/profile": [json("Profile")],
        "GET /v1/users": [json("UserPage")],
        "POST /v1/users": [json("User", "201", "The user")],
        "PATCH /v1/users/{id}": [json("User")],
        "POST /v1/users/{id}/link": [json("SignInLink", "201", "The link, which is shown here only")],
        "GET /v1/jobs": [json("JobPage")],
        "GET /v1/jobs/{id}": [json("Job")],
        "POST /v1/jobs/{id}/retry": [json("Job", "202", "It waits for a worker")],
        "POST /v1/jobs/{id}/cancel": [
            json("Job", "200", "It is cancelled"), json("Job", "202", "Its worker is told; it is cancelled when the work has ended"),
        ],
        "POST /v1/admin/clock": [json("ClockReading")],
        "GET /v1/schedules": [json("SchedulePage")],
        "GET /v1/schedules/{id}": [json("Schedule")],
        "PATCH /v1/schedules/{id}": [json("Schedule")],
        "POST /v1/schedules/{id}/run": [json("ScheduleFire", "202", "It fires; a run of one user has begun already")],
        "GET /v1/schedules/{id}/fires": [json("ScheduleFirePage")],
        "GET /v1/schedules/{id}/preview": [json("ScheduleTimes")],
        "GET /v1/prompts": [json("PromptPage")],
        "POST /v1/prompts": [
            json("Prompt", "200", "It is written and in force"), json("Prompt", "201", "It is new, written and in force"),
        ],
        "GET /v1/prompts/{name}": [json("Prompt")],
        "GET /v1/prompts/{name}/versions": [json("PromptVersionPage")],
        "GET /v1/prompts/{name}/versions/{version}": [json("PromptText")],
        "GET /v1/prompts/{name}/diff": [json("PromptDiff")],
        "POST /v1/prompts/{name}/render": [json("RenderedPrompt")],
        "GET /v1/experiments": [json("ExperimentPage")],
        "GET /v1/experiments/{prompt}": [json("Experiment")],
        "GET /v1/runs/{id}/outcomes": [json("RunOutcomes")],
        "POST /v1/runs/{id}/rating": [json("RunOutcomes")],
        "DELETE /v1/runs/{id}/rating": [Answer(status: "204", description: "The run is not rated any more")],
        "GET /v1/memories": [json("MemoryPage")],
        "POST /v1/memories": [json("Memory", "201", "It is remembered, or was known and counts as said just now")],
        "DELETE /v1/memories": [json("Deleted", "200", "They are gone; how many there were")],
        "GET /v1/memories/namespaces": [json("MemoryNamespacePage")],
        "GET /v1/memories/audit": [json("MemoryAuditPage")],
        "GET /v1/memories/{id}": [json("Memory")],
        "PUT /v1/memories/{id}": [json("Memory")],
        "DELETE /v1/memories/{id}": [Answer(status: "204", description: "It is forgotten; no later prompt tells it")],
        "GET /v1/breakers": [json("BreakerPage")],
        "GET /v1/connections": [json("ConnectionPage")],
        "GET /v1/connections/{name}": [json("Connection")],
        "PUT /v1/connections/{name}": [json("Connection", "200", "The fields are kept; secret ones are never shown again")],
        "DELETE /v1/connections/{name}": [Answer(status: "204", description: "It is forgotten here; the service may still list it")],
        "POST /v1/connections/{name}/start": [json("ConnectionStart", "200", "Where to send the browser, within ten minutes")],
        "GET /v1/oauth2/callback": [
            Answer(
                status: "200",
                description: "The service sent the browser back; a page says what came of it",
                content: [("text/html", "Page")]
            )
        ],
        "POST /v1/breakers/{id}/reset": [Answer(status: "204", description: "It is closed; the next call leaves")],
        "GET /v1/usage": [json("UsageReport")],
        "GET /v1/budgets": [json("BudgetPage")],
        "GET /v1/secrets": [json("SecretPage")],
        "GET /v1/mcp": [json("ToolServerPage")],
        "POST /v1/mcp/{server}/accept": [json("ToolsAccepted", "200", "How many tools came into force")],
        "POST /v1/secrets": [json("Secret", "201", "The secret, without its value")],
        "GET /v1/settings": [json("Settings")],
        "GET /v1/settings/local-models": [json("LocalModelsPage")],
        "POST /v1/settings/connection": [json("Connected", "200", "It answered, and is in force for the next message")],
        "DELETE /v1/settings/connection": [Answer(status: "204", description: "The project's own models are in force again")],
        "DELETE /v1/secrets/{name}": [Answer(status: "204", description: "It is gone; whatever needs it lacks it from now on")],
    ]

    /// Statuses of problems besides those that any route can answer.
    static func problems(_ route: Endpoint) -> [String] {
        var statuses = ["400", "401", "403", "503"]
        if route.path.contains("{") { statuses.append("404") }
        if route.method != .get { statuses += ["409", "413", "507"] }
        switch "\(route.method) \(route.path)" {
        case "POST /v1/runs", "POST /api/agent/chat/stream": statuses += ["404", "429"]
        case "POST /v1/runs/{id}/fork", "POST /v1/sessions/{id}/messages", "PATCH /v1/sessions/{id}/messages/{message_id}", "PATCH /v1/me":
            statuses.append("429")
        case "POST /v1/settings/connection", "POST /v1/prompts": statuses.append("422")
        case "POST /v1/approvals/{id}": statuses.append("410")
        case "GET /v1/sessions/{id}/events", "GET /v1/events", "GET /v1/runs/{id}/fork": statuses.append("409")
        case "GET /v1/sessions/{id}/ws": statuses += ["409", "426"]
        case "POST /v1/sessions/{id}/files", "POST /v1/files": statuses.append("415")
        case "GET /v1/ws": statuses.append("426")
        default: break
        }
        return statuses.sorted()
    }

    static let problemMeanings = [
        "400": "A field, a query parameter or the JSON is wrong",
        "401": "Not signed in: the key or cookie is missing, unknown, expired or revoked; for login, a wrong e-mail or password",
        "403": "The caller's role is too low, or a page from elsewhere used the cookie",
        "404": "There is no such object, or it is somebody else's",
        "409": "It does not go with how things stand; code says why", "410": "The approval expired",
        "413": "The body is over 1 MiB, a file over 100 MiB", "415": "Neither a form nor bytes with a name",
        "422": "The model was asked and did not answer well, or the project would be broken; code and detail say why, nothing was changed",
        "426": "The route speaks WebSocket only", "429": "Too many runs or attempts; see Retry-After",
        "503": "Draining, overloaded, or the store is away or takes no writes; what was accepted before is kept",
        "507": "The store's disk is full: nothing was done, and writing goes on by itself when there is room",
    ]

    private static func json(_ schema: String, _ status: String = "200", _ description: String = "OK") -> Answer {
        Answer(status: status, description: description, content: [("application/json", schema)])
    }
}
