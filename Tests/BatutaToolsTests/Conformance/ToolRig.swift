import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Foundation
import Testing

@testable import BatutaTools

/// A kind of tool, with something at its other end that does as it is told.
enum ToolKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case http, sqlite, postgres, python, mcp, builtIn

    var testDescription: String { rawValue }

    /// What the other end does with a call.
    enum Duty: Sendable {
        case answer
        /// Says no, in words.
        case refuse
        /// Begins, and never ends.
        case hang
        /// Does it, and is gone before it can say so.
        case vanish
        /// Says more than anybody wants to hear.
        case huge
    }

    static let writing = allCases.filter { $0 != .builtIn }
    /// Those whose other end can go in the middle of a call. What a database did not commit has not happened.
    static let vanishing: [ToolKind] = [.http, .python, .mcp]

    /// Whether a write whose time is up may have happened. A statement's transaction is undone.
    var leavesDoubt: Bool { self != .sqlite && self != .postgres }

    static let parameters: JSON = [
        "type": "object", "properties": ["id": ["type": "integer"]], "required": ["id"], "additionalProperties": false,
    ]

    func rig(_ duty: Duty, effect: ToolEffect = .read, idempotent: Bool? = nil, limit: Duration = .seconds(30)) async throws -> ToolRig {
        let definition = ToolDefinition(
            name: self == .builtIn ? "http_get" : "tool",
            description: "A tool of the tests.",
            parameters: Self.parameters,
            effect: effect,
            idempotent: idempotent,
            retry: RetryPolicy(attempts: 2, timeout: limit, backoff: .init(first: .milliseconds(1), jitter: false))
        )
        switch self {
        case .http: return try HTTPRig.make(duty, definition)
        case .sqlite: return try await SQLRig.make(duty, definition, on: .sqlite)
        case .postgres: return try await SQLRig.make(duty, definition, on: .postgres)
        case .python: return try await PythonRig.make(duty, definition)
        case .mcp: return try await MCPRig.make(duty, definition)
        case .builtIn: return try HTTPRig.makeBuiltIn(duty, limit: limit)
        }
    }
}

/// A tool, and what a test can see of its other end.
struct ToolRig: Sendable {
    var tool: any Tool
    var arguments: JSON = ["id": 1]
    /// How often something happened there.
    var effects: @Sendable () async throws -> Int
    /// Whether a call is under way there.
    var hasBegun: @Sendable () -> Bool
    var end: @Sendable () async -> Void

    var name: String { tool.definition.name }

    func call(isRehearsal: Bool = false) async -> ToolResult {
        let call = ToolCall.test(name, arguments, isRehearsal: isRehearsal)
        return await ToolRuntime.test(SystemMonotonicTime()).execute(call, in: ToolCatalog([tool]).everything)
    }

    /// What is said of arguments, before anything leaves.
    func validate(_ arguments: JSON) -> ArgumentValidation {
        let runtime = ToolRuntime.test(SystemMonotonicTime())
        return runtime.validate(tool: name, arguments: .valid(arguments), context: .test(), in: ToolCatalog([tool]).everything)
    }
}

private enum HTTPRig {
    private static func server(_ duty: ToolKind.Duty) throws -> LoopbackServer {
        try LoopbackServer { _, _ in
            switch duty {
            case .answer: .answer(200, body: #"{"id":1}"#)
            case .refuse: .answer(422, body: #"{"error":{"message":"The campaign is closed."}}"#)
            case .hang: .hang
            case .vanish: .cut
            case .huge: .answer(200, body: "\"" + String(repeating: "x", count: 12_000_000) + "\"")
            }
        }
    }

    static func make(_ duty: ToolKind.Duty, _ definition: ToolDefinition) throws -> ToolRig {
        let server = try server(duty)
        let request = HTTPToolDefinition.Request(
            method: definition.effect == .read ? "GET" : "POST",
            url: server.base + "/x",
            body: definition.effect == .read ? nil : "${params}"
        )
        let tool = try HTTPTool(HTTPToolDefinition(definition: definition, request: request, breaker: nil), services: .test())
        return rig(tool, server)
    }

    static func makeBuiltIn(_ duty: ToolKind.Duty, limit: Duration) throws -> ToolRig {
        let server = try server(duty)
        let tool = try Limited(
            HTTPGetTool(
                client: .test(),
                allow: ["127.0.0.1:\(server.port)"],
                configuration: .init(maximumBytes: 1_000),
                clock: ManualClock(),
                time: SystemMonotonicTime()
            ),
            to: limit
        )
        var rig = rig(tool, server)
        rig.arguments = ["url": .string(server.base + "/x")]
        return rig
    }

    private static func rig(_ tool: any Tool, _ server: LoopbackServer) -> ToolRig {
        ToolRig(tool: tool, effects: { server.requests.count }, hasBegun: { !server.requests.isEmpty }, end: { server.stop() })
    }

    /// The built-in one with a test's patience.
    private struct Limited: Tool {
        let tool: HTTPGetTool
        let definition: ToolDefinition

        init(_ tool: HTTPGetTool, to limit: Duration) {
            self.tool = tool
            var definition = tool.definition
            definition.retry = RetryPolicy(attempts: 2, timeout: limit, backoff: .init(first: .milliseconds(1), jitter: false))
            self.definition = definition
        }

        func attempt(_ call: ToolCall) async -> ToolAttempt { await tool.attempt(call) }
    }
}

private enum SQLRig {
    static func make(_ duty: ToolKind.Duty, _ definition: ToolDefinition, on engine: StoreEngine) async throws -> ToolRig {
        let folder = TemporaryFolder()
        let database = QueryDatabase(.init(place: try await engine.place(in: folder), minimum: 0, maximum: 2))
        for sql in [
            "create table done (id integer primary key)", "create table taken (id integer primary key)", "insert into taken values (1)",
        ] {
            _ = try await database.perform(Query(try NamedQuery(sql), values: [], isReadOnly: false, timeout: .seconds(20)))
        }
        let statement = try NamedQuery(sql(duty, definition.effect))
        var source = SQLToolDefinition(definition: definition, database: "clinic", statement: statement)
        source.limit = 100
        let services = SQLToolServices(secrets: StaticToolSecrets(), clock: ManualClock())
        let count = try NamedQuery("select count(*) as n from done")
        return ToolRig(
            tool: try SQLTool(source, database: database, services: services),
            effects: {
                let answer = try await database.perform(Query(count, values: [], isReadOnly: true, timeout: .seconds(20)))
                return Int(answer.rows.first?["n"]?.int ?? -1)
            },
            hasBegun: { database.connections > 0 },
            end: { withExtendedLifetime(folder) {} }
        )
    }

    private static let numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000)"

    private static func sql(_ duty: ToolKind.Duty, _ effect: ToolEffect) -> String {
        switch (duty, effect) {
        case (.answer, .read): "select cast(:id as integer) as id"
        case (.answer, _): "insert into done values (:id)"
        case (.refuse, _): "insert into taken values (:id)"
        case (.hang, .read): "\(numbers) select count(*) as n from n where i > cast(:id as integer)"
        case (.hang, _), (.vanish, _): "insert into done \(numbers) select i from n where i > cast(:id as integer)"
        case (.huge, _):
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select i + cast(:id as integer) as i from n"
        }
    }
}

private enum PythonRig {
    private static let code = """
        import asyncio, os
        from batuta import ToolError

        def trace(line):
            with open(os.environ["TRACES"], "a") as file: file.write(line + "\\n")

        def answer(id: int): trace("effect"); return {"id": id}
        def refuse(id: int): raise ToolError("The campaign is closed.")
        async def hang(id: int): trace("effect"); await asyncio.sleep(3600)
        def vanish(id: int): trace("effect"); os._exit(9)
        def huge(id: int): return "x" * 20_000_000
        def warm(id: int): return id
        """

    /// Its process is up, so that the time of a call is the call's own.
    static func make(_ duty: ToolKind.Duty, _ definition: ToolDefinition) async throws -> ToolRig {
        let folder = TemporaryFolder()
        let processes = PythonProcesses(folder: folder.path + "/python", projectFolder: folder.path, logger: .silent)
        func tool(_ function: String, _ definition: ToolDefinition) throws -> PythonTool {
            try PythonTool(
                PythonToolDefinition(definition: definition, file: "ads.py", function: function),
                files: ["ads.py": Array(code.utf8)],
                processes: processes,
                surroundings: processes.surroundings(["TRACES": folder.path + "/traces"]),
                secrets: StaticToolSecrets(),
                clock: ManualClock()
            )
        }
        // Its process lives as long as a tool of its file does.
        let wanted = try tool("\(duty)", definition)
        _ = try await tool("warm", .test("tool")).attempt(.test("tool", ["id": 1]))
        let traces: @Sendable () -> Int = {
            let text = (try? String(contentsOfFile: folder.path + "/traces", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").count
        }
        return ToolRig(
            tool: wanted,
            effects: { traces() },
            hasBegun: { traces() > 0 },
            end: { await processes.close() }
        )
    }
}

private enum MCPRig {
    static func make(_ duty: ToolKind.Duty, _ definition: ToolDefinition) async throws -> ToolRig {
        let fixture = MCPServerFixture()
        let link = fixture.link(longestMessage: 100_000)
        let client = MCPClient(name: "docs", link: link)
        _ = try await client.list()
        let names: [String: String] = ["answer": "erase", "hang": "effect_then_hang", "vanish": "effect_then_crash"]
        var rule = MCPServerDefinition.Rule(pattern: "*", effect: definition.effect, idempotent: definition.idempotent)
        rule.retry = definition.retry
        let tool = try MCPTool(
            .test(names["\(duty)"] ?? "\(duty)", ["inputSchema": ToolKind.parameters]),
            of: .test([rule]),
            client: client,
            secrets: StaticToolSecrets(),
            clock: ManualClock()
        )
        return ToolRig(
            tool: tool,
            effects: { fixture.lines("effects").count },
            hasBegun: { !fixture.lines("effects").isEmpty },
            end: { await link.close() }
        )
    }
}
