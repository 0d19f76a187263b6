import BatutaCore

/// The schemas of servers of tools, with an example of each.
enum OpenAPIToolServers {
    private typealias Schemas = OpenAPISchemas

    static let schemas: JSON = [
        "ToolServer": OpenAPIMemory.example(
            [
                "server": "docs", "version": "2026-07-28", "failure": .null,
                "tools": [
                    [
                        "tool": "add", "state": "held", "why": .null, "effect": "write",
                        "accepted": ["name": "add", "description": "Adds."],
                        "pending": ["name": "add", "description": "Adds, and more."], "digest": "9f86d081884c7d65", "accepted_by": .null,
                    ]
                ],
            ],
            of: Schemas.object([
                ("server", Schemas.text), ("version", Schemas.nullableText), ("failure", Schemas.nullableText),
                ("tools", Schemas.array(tool)),
            ])
        ),
        "ToolServerPage": Schemas.page("ToolServer"),
        "ToolAcceptance": OpenAPIMemory.example(
            ["tool": "add", "digests": ["add": "9f86d081884c7d65"]],
            of: Schemas.closed(
                [("tool", Schemas.text), ("digests", ["type": "object", "additionalProperties": Schemas.text])],
                required: []
            )
        ),
        "ToolsAccepted": OpenAPIMemory.example(["accepted": 1], of: Schemas.object([("accepted", Schemas.integer)])),
    ]

    private static let tool = Schemas.object([
        ("tool", Schemas.text), ("state", ["enum": ["offered", "held", "refused", "gone"]]), ("why", Schemas.nullableText),
        ("effect", Schemas.nullableText),
        ("accepted", nullableObject), ("pending", nullableObject), ("digest", Schemas.nullableText),
        ("accepted_by", Schemas.nullableText),
    ])
    private static let nullableObject: JSON = ["type": ["object", "null"]]
}
