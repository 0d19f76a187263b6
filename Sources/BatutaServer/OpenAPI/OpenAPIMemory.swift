import BatutaCore
import BatutaMemory

/// The schemas of what is known of users, with an example of each.
enum OpenAPIMemory {
    private typealias Schemas = OpenAPISchemas

    static let schemas: JSON = [
        "Memory": example(memory, of: Schemas.object(memoryFields)),
        "MemoryPage": example(["data": [memory], "next_cursor": .null], of: Schemas.page("Memory")),
        "NewMemory": example(
            ["fact": "Prefers short answers.", "about": "style of answers", "namespace": "ads"],
            of: Schemas.closed([("fact", fact), ("about", name), ("namespace", name)], required: ["fact", "namespace"])
        ),
        "MemoryChange": example(
            ["fact": "Prefers answers of one sentence.", "about": "style of answers"],
            of: Schemas.closed([("fact", fact), ("about", nullableName), ("namespace", name)], required: ["fact"])
        ),
        "Deleted": example(["deleted": 3], of: Schemas.object([("deleted", Schemas.integer)])),
        "MemoryAuditPage": example(
            [
                "data": [
                    [
                        "at": "2026-01-20T10:00:00.000Z", "by": "usr_01jhxq3c5w8v7x2k9t4m6n0pqu",
                        "user_id": "usr_01jhxq3c5w8v7x2k9t4m6n0pqs",
                        "action": "read", "memory_id": .null,
                    ]
                ], "next_cursor": .null,
            ],
            of: Schemas.object([
                (
                    "data",
                    Schemas.array(
                        Schemas.object([
                            ("at", Schemas.time), ("by", Schemas.text), ("user_id", Schemas.text),
                            ("action", ["enum": ["read", "delete", "delete_all"]]), ("memory_id", Schemas.nullableText),
                        ])
                    )
                ), ("next_cursor", Schemas.nullableText),
            ])
        ),
        "MemoryNamespacePage": example(
            [
                "data": [["namespace": "ads", "count": 12, "updated_at": "2026-01-19T18:00:00.000Z", "agents": ["manager"]]],
                "empty": [["namespace": "clerk", "agents": ["clerk"]]], "next_cursor": .null,
            ],
            of: Schemas.object([
                (
                    "data",
                    Schemas.array(
                        Schemas.object([
                            ("namespace", Schemas.text), ("count", Schemas.integer), ("updated_at", Schemas.time),
                            ("agents", Schemas.array(Schemas.text)),
                        ])
                    )
                ),
                (
                    "empty",
                    Schemas.array(Schemas.object([("namespace", Schemas.text), ("agents", Schemas.array(Schemas.text))]))
                ), ("next_cursor", Schemas.nullableText),
            ])
        ),
    ]

    private static let memory: JSON = [
        "id": "mem_01jhxq3c5w8v7x2k9t4m6n0pqr", "fact": "Prefers short answers.", "about": "style of answers", "namespace": "ads",
        "agent": "manager", "user_id": "usr_01jhxq3c5w8v7x2k9t4m6n0pqs", "run_id": "run_01jhxq3c5w8v7x2k9t4m6n0pqt",
        "created_at": "2026-01-19T18:00:00.000Z", "updated_at": "2026-01-20T09:30:00.000Z",
    ]

    private static let memoryFields: [(String, JSON)] = [
        ("id", Schemas.text), ("fact", Schemas.text), ("about", Schemas.nullableText), ("namespace", Schemas.text),
        ("agent", Schemas.nullableText), ("user_id", Schemas.text), ("run_id", Schemas.nullableText), ("created_at", Schemas.time),
        ("updated_at", Schemas.time),
    ]

    private static let fact: JSON = ["type": "string", "minLength": 1, "maxLength": .int(Int64(Fact.longest))]
    private static let name: JSON = ["type": "string", "minLength": 1, "maxLength": .int(Int64(Fact.longestName))]
    private static let nullableName: JSON = ["type": ["string", "null"], "maxLength": .int(Int64(Fact.longestName))]

    /// A schema with an example, as JSON Schema 2020-12 has it.
    static func example(_ example: JSON, of schema: JSON) -> JSON {
        var object = schema.object ?? [:]
        object["examples"] = [example]
        return .object(object)
    }
}
