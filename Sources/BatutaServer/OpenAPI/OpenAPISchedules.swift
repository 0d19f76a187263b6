import BatutaCore
import BatutaQueue

/// The schemas of schedules and of the clock that they go by, with an example of each.
enum OpenAPISchedules {
    private typealias Schemas = OpenAPISchemas

    static let schemas: JSON = [
        "SchedulePage": Schemas.page("Schedule"), "ScheduleFirePage": Schemas.page("ScheduleFire"),
        "Schedule": OpenAPIMemory.example(
            [
                "id": "sch_01kf7ts6g0e6hgyhc2nb1jf9rs", "name": "daily_report", "title": "Daily report", "enabled": true,
                "cron": "0 18 * * *", "time_zone": "America/Sao_Paulo", "misfire": "once", "overlap": "skip",
                "for_each_user": "profile.whatsapp_enabled", "run": ["target": "team:ads", "content": "Send the daily report"],
                "cost_limit": 1, "source": "file", "created_at": "2026-01-19T18:00:00.000Z", "next_fire": "2026-01-19T21:00:00.000Z",
                "last_fire": .null,
            ],
            of: Schemas.object([
                ("id", Schemas.text), ("name", Schemas.text), ("title", Schemas.text), ("enabled", Schemas.boolean), ("cron", Schemas.text),
                ("every", Schemas.text), ("time_zone", Schemas.text), ("misfire", ["enum": ["skip", "once", "all"]]),
                ("overlap", ["enum": ["skip", "queue"]]), ("for_each_user", ["type": ["boolean", "string"]]),
                ("run_as", Schemas.nullableText), ("run", Schemas.anyObject), ("monitor", Schemas.boolean),
                ("cost_limit", ["type": ["number", "null"]]), ("source", ["enum": ["file"]]), ("created_at", Schemas.time),
                ("next_fire", Schemas.nullableText), ("last_fire", Schemas.nullableText), ("note", Schemas.text),
            ])
        ),
        "ScheduleChange": OpenAPIMemory.example(
            ["enabled": false],
            of: Schemas.closed([("enabled", Schemas.boolean)], required: ["enabled"])
        ),
        "ScheduleFire": OpenAPIMemory.example(
            [
                "slot": "2026-01-19T21:00:00.000Z", "fired_at": "2026-01-19T21:00:00.012Z", "status": "fired",
                "run_ids": ["run_01kf7ts6g0e6hgyhc2nb1jf9rs"], "by": .null, "started": 1, "waiting": 0, "skipped": 0, "failed": 0,
                "error": .null, "errors": [],
            ],
            of: Schemas.object([
                ("slot", Schemas.time), ("fired_at", Schemas.time),
                ("status", ["enum": .array(ScheduleFire.Status.allCases.map { .string($0.rawValue) })]),
                ("run_ids", Schemas.array(Schemas.text)), ("by", Schemas.nullableText), ("started", Schemas.integer),
                ("waiting", Schemas.integer), ("skipped", Schemas.integer), ("failed", Schemas.integer), ("error", Schemas.nullableText),
                ("errors", Schemas.array(Schemas.object([("user_id", Schemas.text), ("message", Schemas.text)]))),
            ])
        ),
        "ClockMove": OpenAPIMemory.example(["advance": "24h"], of: Schemas.closed([("advance", Schemas.text)], required: ["advance"])),
        "ClockReading": OpenAPIMemory.example(["now": "2026-01-20T18:00:00.000Z"], of: Schemas.object([("now", Schemas.time)])),
        "ScheduleTimes": OpenAPIMemory.example(
            ["data": ["2026-01-19T21:00:00.000Z"], "next_cursor": .null],
            of: Schemas.object([("data", Schemas.array(Schemas.time)), ("next_cursor", Schemas.nullableText)])
        ),
    ]
}
