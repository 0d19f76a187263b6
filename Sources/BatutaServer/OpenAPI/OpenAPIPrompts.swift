import BatutaCore

/// The schemas of prompts, their versions, and what their variants came to, with an example of each.
enum OpenAPIPrompts {
    private typealias Schemas = OpenAPISchemas

    static let schemas: JSON = [
        "Prompt": OpenAPIMemory.example(prompt(text: true), of: Schemas.object(promptFields + [("text", Schemas.text)])),
        "PromptPage": OpenAPIMemory.example(["data": [prompt(text: false)], "next_cursor": .null], of: Schemas.page("Prompt")),
        "PromptVersion": Schemas.object([
            ("version", Schemas.nullableText), ("removed", Schemas.boolean), ("at", Schemas.time), ("snapshot", Schemas.text),
            ("size", Schemas.integer), ("current", Schemas.boolean), ("author", Schemas.nullableText),
        ]),
        "PromptVersionPage": OpenAPIMemory.example(
            ["data": [version("0f3a9c27b1d84e56", current: true), version("77c1d0e2a9b34f18", current: false)], "next_cursor": .null],
            of: Schemas.page("PromptVersion")
        ),
        "PromptText": OpenAPIMemory.example(
            ["name": "tone@warm", "version": "77c1d0e2a9b34f18", "text": "---\nweight: 50\n---\nBe warm.\n"],
            of: Schemas.object([("name", Schemas.text), ("version", Schemas.text), ("text", Schemas.text)])
        ),
        "PromptDiff": OpenAPIMemory.example(
            [
                "from": "77c1d0e2a9b34f18", "to": "0f3a9c27b1d84e56", "added": 1, "removed": 1,
                "lines": [["op": " ", "text": "Be kind."], ["op": "-", "text": "Be warm."], ["op": "+", "text": "Be brief and warm."]],
            ],
            of: Schemas.object([
                ("from", Schemas.text), ("to", Schemas.text), ("added", Schemas.integer), ("removed", Schemas.integer),
                ("lines", Schemas.array(Schemas.object([("op", ["enum": [" ", "+", "-"]]), ("text", Schemas.text)]))),
            ])
        ),
        "NewPrompt": OpenAPIMemory.example(
            ["name": "tone@warm", "text": "---\nweight: 50\n---\nBe warm.\n", "version": "77c1d0e2a9b34f18"],
            of: Schemas.closed([("name", Schemas.text), ("text", Schemas.text), ("version", Schemas.text)], required: ["name", "text"])
        ),
        "RenderWish": OpenAPIMemory.example(
            ["variables": ["target_ctr": 2.5], "variants": ["tone": "warm"], "language": "pt-BR"],
            of: Schemas.closed([
                ("variables", Schemas.anyObject), ("variants", Schemas.anyObject), ("language", Schemas.text), ("agent", Schemas.text),
                ("user_id", Schemas.text), ("text", Schemas.text),
            ])
        ),
        "RenderedPrompt": OpenAPIMemory.example(
            [
                "agent": "analyzer", "text": "You are a Meta Ads performance analyst. Target CTR: > 2.5%.\nBe warm.", "bytes": 67,
                "variants": ["tone": "warm"], "variables": ["target_ctr": 2.5],
            ],
            of: Schemas.object([
                ("agent", Schemas.text), ("text", Schemas.text), ("bytes", Schemas.integer), ("variants", Schemas.anyObject),
                ("variables", Schemas.anyObject),
            ])
        ),
        "Experiment": OpenAPIMemory.example(experiment, of: Schemas.object(experimentFields)),
        "ExperimentPage": OpenAPIMemory.example(["data": [experiment], "next_cursor": .null], of: Schemas.page("Experiment")),
        "NewRating": OpenAPIMemory.example(
            ["rating": 5, "comment": "Exactly what I needed."],
            of: Schemas.closed(
                [("rating", ["type": "integer", "minimum": 1, "maximum": 5]), ("comment", Schemas.text)],
                required: ["rating"]
            )
        ),
        "RunOutcomes": OpenAPIMemory.example(
            [
                "variants": ["tone": "warm"],
                "rating": ["rating": 5, "comment": "Exactly what I needed.", "at": "2026-01-19T18:05:00.000Z"], "outcomes": ["clicks": 17],
            ],
            of: Schemas.object([
                ("variants", Schemas.anyObject),
                (
                    "rating",
                    [
                        "type": ["object", "null"],
                        "properties": ["rating": Schemas.integer, "comment": Schemas.nullableText, "at": Schemas.time],
                    ]
                ), ("outcomes", Schemas.anyObject),
            ])
        ),
    ]

    private static let promptFields: [(String, JSON)] = [
        ("name", Schemas.text), ("kind", ["enum": ["agent", "block", "variant"]]), ("path", Schemas.text), ("description", Schemas.text),
        ("version", Schemas.text), ("versions", Schemas.integer), ("changed_at", Schemas.nullableText), ("size", Schemas.integer),
        ("includes", Schemas.array(Schemas.text)), ("used_by", Schemas.array(Schemas.text)),
        (
            "variables",
            Schemas.array(
                Schemas.object([("name", Schemas.text), ("type", Schemas.text), ("default", true), ("description", Schemas.text)])
            )
        ), ("variants", Schemas.array(Schemas.object([("variant", Schemas.text), ("weight", Schemas.integer)]))),
    ]

    private static func prompt(text: Bool) -> JSON {
        var object: JSONObject = [
            "name": "agent:analyzer", "kind": "agent", "path": "agents/analyzer.md", "description": "Reads campaign performance.",
            "version": "0f3a9c27b1d84e56", "versions": 4, "changed_at": "2026-01-19T18:00:00.000Z", "size": 412, "includes": ["tone"],
            "used_by": ["analyzer"],
            "variables": [["name": "target_ctr", "type": "number", "default": 1.5, "description": "CTR goal in percent"]], "variants": [],
        ]
        if text {
            object["text"] =
                "---\nvariables: { target_ctr: { type: number, default: 1.5 } }\n---\nTarget CTR: > $target_ctr%.\n{{> tone}}\n"
        }
        return .object(object)
    }

    private static func version(_ hash: String, current: Bool) -> JSON {
        [
            "version": .string(hash), "removed": false, "at": "2026-01-19T18:00:00.000Z", "snapshot": "9b1f…", "size": 412,
            "current": .bool(current), "author": current ? "usr_01KBBQ5Y7S1M0W8Z6V4T2R0P8N" : .null,
        ]
    }

    private static let experiment: JSON = [
        "prompt": "tone", "active": true, "agents": ["analyzer"], "rehearsal": false,
        "variants": [
            [
                "variant": "warm", "weight": 50, "runs": 120, "users": 31, "completed": 118, "failed": 1, "completed_share": 0.983,
                "cost_usd": 0.84, "mean_cost_usd": 0.007, "duration_ms": ["p50": 2_310, "p95": 6_900],
                "rating": ["count": 22, "mean": 4.5],
                "outcomes": ["clicks": ["count": 90, "mean": 12.4, "min": 0, "max": 61]], "text_changes": ["2026-01-19T18:00:00.000Z"],
            ]
        ],
    ]

    private static let experimentFields: [(String, JSON)] = [
        ("prompt", Schemas.text), ("active", Schemas.boolean), ("agents", Schemas.array(Schemas.text)), ("rehearsal", Schemas.boolean),
        (
            "variants",
            Schemas.array(
                Schemas.object([
                    ("variant", Schemas.text), ("weight", Schemas.nullableInteger), ("runs", Schemas.integer), ("users", Schemas.integer),
                    ("completed", Schemas.integer), ("failed", Schemas.integer), ("completed_share", number), ("cost_usd", number),
                    ("mean_cost_usd", number), ("duration_ms", Schemas.anyObject), ("rating", Schemas.anyObject),
                    ("outcomes", Schemas.anyObject), ("text_changes", Schemas.array(Schemas.time)),
                ])
            )
        ),
    ]

    private static let number: JSON = ["type": ["number", "null"]]
}
