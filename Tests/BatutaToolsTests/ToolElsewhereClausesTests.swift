import BatutaCore
import BatutaTelemetry
import BatutaTesting
import Foundation
import Testing

@testable import BatutaTools

/// `check`, `settle`, `cache` and `invalidates` of tools that live in processes of their own.
@Suite(.timeLimit(.minutes(5))) struct `Clauses of Python tools and of tools of servers` {
    enum Kind: CaseIterable { case python, server }

    private let fixture = MCPServerFixture()
    private let folder = TemporaryFolder()
    private let clock = ManualClock()

    /// A write whose process ends when it has done its work, or before.
    private static let code = """
        import os
        def make(name: str):
            if not os.path.exists("made.before"): open("made", "a").write(name + "\\n")
            try: os.rename("made.before", "made.after")
            except FileNotFoundError: pass
            os._exit(9)
        """

    /// What there is to find, by a tool that reads the traces of the writes.
    private struct Finder: Tool {
        let definition = ToolDefinition.test("list")
        let file: String

        var made: Int { ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").count }

        func attempt(_ call: ToolCall) async -> ToolAttempt {
            ToolAttempt(.success(["wanted": call.arguments["name"] ?? .null, "made": .int(made)]))
        }
    }

    private static let checks = [HTTPToolDefinition.Check(condition: "params.name != 'no'", message: "Not that name.")]
    private static let settlement = HTTPToolDefinition.Settlement(
        tool: "list",
        arguments: ["name": "${params.name}"],
        within: .zero,
        done: "result.made >= 1 && result.wanted == params.name"
    )

    private func tool(_ kind: Kind, effect: ToolEffect, cache: HTTPToolDefinition.Cache? = nil) throws -> any Tool {
        let retry = RetryPolicy(attempts: 1, backoff: .init(first: .milliseconds(1), jitter: false))
        switch kind {
        case .server:
            let rule = MCPServerDefinition.Rule(
                pattern: "*",
                effect: effect,
                retry: retry,
                cache: cache,
                invalidates: ["item:${params.name}"],
                checks: Self.checks,
                settlement: Self.settlement
            )
            let client = MCPClient(name: "docs", link: fixture.link())
            let description = MCPToolDescription.test("effect_then_crash")
            return try MCPTool(description, of: .test([rule]), client: client, secrets: StaticToolSecrets(), clock: clock)
        case .python:
            let processes = PythonProcesses(folder: folder.path + "/python", projectFolder: folder.path, logger: .silent)
            let definition = ToolDefinition(name: "make", description: "Makes.", effect: effect, retry: retry, settles: true)
            let source = PythonToolDefinition(
                definition: definition,
                file: "make.py",
                function: "make",
                checks: Self.checks,
                settlement: Self.settlement,
                cache: cache,
                invalidates: ["item:${params.name}"]
            )
            return try PythonTool(
                source,
                files: ["make.py": Array(Self.code.utf8)],
                processes: processes,
                surroundings: processes.surroundings([:]),
                secrets: StaticToolSecrets(),
                clock: clock
            )
        }
    }

    private func traces(_ kind: Kind) -> String { kind == .server ? fixture.folder.path + "/effects" : folder.path + "/made" }

    @Test(arguments: Kind.allCases) func `DESIGN 9_4 an uncertain call is settled by a read`(kind: Kind) async throws {
        let tool = try tool(kind, effect: .critical)
        let catalog = ToolCatalog([tool, Finder(file: traces(kind))])
        let call = ToolCall.test(tool.definition.name, ["name": "Inverno"])
        let result = await ToolRuntime.test(SystemMonotonicTime()).execute(call, in: catalog.everything)
        #expect(result.success)
        #expect(result.data?["settled"] == true)
        #expect(result.data?["result"]?["wanted"] == "Inverno")
        #expect(Finder(file: traces(kind)).made == 1, "nothing was repeated")
    }

    @Test func `DESIGN 9_4 what a read does not show was not done, and is known for certain`() async throws {
        let tool = try tool(.python, effect: .write)
        try Data().write(to: URL(filePath: folder.path + "/made.before"))
        let catalog = ToolCatalog([tool, Finder(file: traces(.python))])
        let result = await ToolRuntime.test(SystemMonotonicTime()).execute(.test("make", ["name": "x"]), in: catalog.everything)
        #expect(!result.success)
        #expect(!result.uncertain, "\(result)")
        #expect(Finder(file: traces(.python)).made == 0)
    }

    @Test(arguments: Kind.allCases) func `a condition that does not hold is told before anything leaves`(kind: Kind) async throws {
        let tool = try tool(kind, effect: .critical)
        let registry = ToolCatalog([tool]).everything
        let runtime = ToolRuntime.test(SystemMonotonicTime())
        let arguments = ModelToolCall.Arguments.valid(["name": "no"])
        let refused = runtime.validate(tool: tool.definition.name, arguments: arguments, context: .test(), in: registry)
        guard case .refused(let result) = refused else {
            Issue.record("it was accepted")
            return
        }
        #expect(result.code == "invalid_arguments")
        #expect(result.error?.contains("Not that name.") == true)
    }

    @Test(arguments: Kind.allCases) func `tags are templates over the arguments`(kind: Kind) throws {
        let cache = HTTPToolDefinition.Cache(tags: ["item:${params.name}"])
        let tool = try #require(tool(kind, effect: .read, cache: cache) as? any CachingTool)
        let call = ToolCall.test(tool.definition.name, ["name": "7"])
        #expect(tool.cachePlan(for: call)?.tags == ["item:7"])
        #expect(tool.staleTags(after: call) == ["item:7"])
    }
}
