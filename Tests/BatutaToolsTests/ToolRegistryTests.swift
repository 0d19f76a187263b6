import BatutaCore
import BatutaTools
import Testing

@Suite struct `Tool registry` {
    static let catalog = ToolCatalog(
        [
            ToolDefinition(
                name: "list_campaigns",
                description: "Lists campaigns.",
                parameters: [
                    "type": "object",
                    "properties": [
                        "status": ["enum": ["ACTIVE", "PAUSED"]], "limit": ["type": "integer"],
                        "ids": ["type": "array", "items": ["type": "string"]],
                    ], "required": ["status"],
                ]
            ),
            .test("run_python", effect: .write), .test("mcp:docs/add"), .test("hidden"),
        ].map { ScriptedTool($0, [.ok]) }
    )

    let registry = Self.catalog.registry(offering: ["list_campaigns", "run_python", "mcp:docs/add", "gone"])

    @Test func `S3.30 an unknown tool is answered with the nearest name and the valid list`() {
        let result = registry.unknownTool("list_campaign")
        #expect(result.code == "unknown_tool")
        #expect(
            result.error
                == "There is no tool “list_campaign”. Did you mean list_campaigns? The tools you can call: list_campaigns, run_python, docs__add."
        )
    }

    @Test func `S3.30 a name that resembles nothing gets the list alone`() {
        #expect(
            registry.unknownTool("zzzzqqqq").error
                == "There is no tool “zzzzqqqq”. The tools you can call: list_campaigns, run_python, docs__add."
        )
    }

    @Test func `S3.30 an agent without tools is told so`() {
        #expect(
            Self.catalog.registry(offering: []).unknownTool("x").error
                == "There is no tool “x”. You have no tools: answer without calling one."
        )
    }

    @Test func `S3.30 a name of line breaks and great length stays on one short line`() throws {
        let error = try #require(registry.unknownTool("a\nb" + String(repeating: "x", count: 10_000)).error)
        #expect(error.hasPrefix("There is no tool “a bxxx"))
        #expect(!error.contains("\n"))
        #expect(error.count < 300)
    }

    @Test func `S3.31 the section of functions is made from the registry`() {
        #expect(
            registry.availableFunctions
                == "The functions that you can call are exactly these, no others exist: list_campaigns, run_python, docs__add."
        )
        #expect(Self.catalog.registry(offering: []).availableFunctions == nil)
    }

    @Test func `models see wire names and both names are understood`() {
        #expect(registry.offers.map(\.name) == ["list_campaigns", "run_python", "docs__add"])
        #expect(registry.projectName(of: "docs__add") == "mcp:docs/add")
        #expect(registry.projectName(of: "mcp:docs/add") == "mcp:docs/add")
        #expect(registry.projectName(of: "hidden") == nil)
    }

    @Test func `an agent knows of its own tools only, and of two with one wire name the first`() {
        let catalog = ToolCatalog([
            ScriptedTool(.test("mcp:docs/add"), []), ScriptedTool(.test("docs__add", effect: .write), []), ScriptedTool(.test("other"), []),
        ])
        let registry = catalog.registry(offering: ["mcp:docs/add", "docs__add", "missing"])
        #expect(registry.names == ["mcp:docs/add"])
        #expect(registry.definition(of: "docs__add")?.effect == .read)
        #expect(registry.definition(of: "other") == nil)
        #expect(catalog.facts.keys.sorted() == ["docs__add", "mcp:docs/add", "other"])
    }

    @Test(arguments: [
        ("mcp:a/b", "a__b"), ("plain-name_1", "plain-name_1"), ("ação", "a__o"),
        (String(repeating: "x", count: 80), String(repeating: "x", count: 64)),
    ])
    func `wire names use only what providers allow`(name: String, wire: String) { #expect(WireName.of(name) == wire) }
}
