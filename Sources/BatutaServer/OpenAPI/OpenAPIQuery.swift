import BatutaCore
import BatutaQueue
import BatutaRuns

/// What query parameters may be and what they do.
enum OpenAPIQuery {
    static func parameters(_ names: [String], of path: String) -> [JSON] {
        names.map { name in
            let (description, schema) = own["\(path) \(name)"] ?? common[name] ?? ("", text)
            return ["name": .string(name), "in": "query", "required": false, "description": .string(description), "schema": schema]
        }
    }

    private static let text: JSON = ["type": "string"]
    private static let flag: JSON = ["enum": ["0", "1"]]
    private static let day: JSON = ["type": "string", "format": "date"]
    private static let number: JSON = ["type": "integer", "minimum": 0]

    private static func limit(_ usual: Int64, most: Int64) -> JSON {
        ["type": "integer", "minimum": 1, "maximum": .int(most), "default": .int(usual)]
    }

    private static func words<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> JSON where Word.RawValue == String {
        ["enum": .array(type.allCases.map { .string($0.rawValue) })]
    }

    /// Those that mean the same wherever they are.
    private static let common: [String: (String, JSON)] = [
        "after": ("Only events with a higher number; a Last-Event-ID wins", number),
        "last_log_id": ("Another word for after", number),
        "cursor": ("The next_cursor of the page before", text),
        "limit": ("How many at most", limit(50, most: 200)),
        "owner": ("me: only your own, also for those who see everybody's", ["enum": ["me"]]),
        "run_id": ("Only events of this run and of those below it", text),
        "user_id": ("Of another person, by usr_… or e-mail, for admins; me is the caller", text),
        "user": ("Another word for user_id", text),
        "namespace": ("Only of this namespace", text),
        "agent": ("Only what this agent came to know", text),
        "name": ("What the file is called, where the body does not say it", text),
        "token": ("From the link, once", text),
        "state": ("As it was sent to the service", text),
        "code": ("What the service gave", text),
        "error": ("Why the service refused", text),
        "error_description": ("The service's words for that", text),
        "since": ("Only runs that ended at this time or later", ["type": "string", "format": "date-time"]),
        "rehearsal": ("Compare rehearsals or real runs; without, what the server does now", ["enum": ["true", "false"]]),
        "inline": ("1: shown in the browser where that is safe, instead of saved", flag),
        "types": ("Only events of these types, with commas between; without, all", text),
    ]

    /// Those of one route.
    private static let own: [String: (String, JSON)] = [
        "/v1/runs/{id}/fork from_event": ("The number of the event; without, the session's last", number),
        "/v1/runs wait": ("1, or nothing: answers when the run has come to rest; 0: answers 202 at once", flag),
        "/v1/runs status": ("Only runs in this state", words(RunStatus.self)),
        "/v1/runs session_id": ("Only runs of this session", text),
        "/v1/approvals status": (
            "Only those in this state; pending are those that wait",
            ["enum": ["pending", "requested", "approved", "rejected", "expired", "cancelled"]]
        ),
        "/v1/jobs status": ("Only jobs in this state; dead letters are failed", words(JobStatus.self)),
        "/v1/jobs queue": ("Only of this queue", text),
        "/v1/sessions q": ("Only sessions in whose title or messages these words are", text),
        "/v1/memories q": ("What fits these words best, instead of the newest", text),
        "/v1/sessions/{id}/events until": ("idle: the stream ends when nothing of the session is queued or running", ["enum": ["idle"]]),
        "/v1/sessions/{id}/events limit": ("How many events a page of JSON has at most", limit(1_000, most: 1_000)),
        "/v1/usage from": ("The first day; the month's first unless given", day),
        "/v1/usage to": ("The last day; today unless given", day),
        "/v1/usage group_by": ("Some of day, agent, team, model, provider, user, with commas between; day unless given", text),
        "/v1/usage user_id": ("Only of this user, by usr_… or e-mail; me is the caller", text),
        "/v1/budgets user_id": ("Of this user; me is the caller", text),
        "/v1/schedules/{id}/preview after": (
            "The first moment after this one; now unless given", ["type": "string", "format": "date-time"]
        ),
        "/v1/schedules/{id}/preview count": ("How many moments at most", limit(10, most: 100)),
        "/v1/prompts/{name}/diff from": ("A version of the prompt; required", text),
        "/v1/prompts/{name}/diff to": ("A version; without, what is in force now", text),
    ]
}
