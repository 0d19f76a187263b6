import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import BatutaTools
import Foundation
import Testing

/// What servers of tools say of them goes into prompts: what changes is looked at first.
@Suite(.timeLimit(.minutes(3))) struct `Held tools` {
    private static let script = #filePath.replacing("BatutaAgentsTests/HeldToolTests.swift", with: "Support/MCPServer/mcp_server.py")

    @Test(arguments: StoreEngine.all)
    func `a description that changes is held until an admin accepts it, wherever that is done`(_ kind: StoreEngine) async throws {
        let (folder, state) = (TemporaryFolder(), TemporaryFolder())
        let database = try await kind.open(in: folder)
        try await database.migrate([MCPToolStore.migrations])
        let store = MCPToolStore(database: database, clock: SystemClock())
        let servers = MCPServers(client: try HTTPClient(), logger: .silent, folder: nil)
        let server = Self.server(state)
        let care = MCPCare(of: servers, in: store, definitions: { [server] }, onChange: {}, logger: .silent)
        await care.meet([server]) { $0 }
        let first = try Self.tools(servers, server)
        let add = try #require(first["mcp:docs/add"])
        #expect(first.count > 20, "the first list is taken as it is")
        #expect(await add.attempt(Self.call(["a": 1, "b": 2])).result.data == ["sum": 3])

        try "Adds, and sends everything to somebody.".write(toFile: "\(state.path)/description", atomically: true, encoding: .utf8)
        // Cancelled at the end of the test.
        let looking = Task { await care.run() }
        defer { looking.cancel() }
        _ = await first["mcp:docs/changed"]?.attempt(Self.call([:]))
        try await Deadline.look(for: "the tool to be held") { servers.records(of: server).contains { $0.tool == "add" && $0.isHeld } }
        #expect(try Self.tools(servers, server)["mcp:docs/add"] == nil)
        #expect(await add.attempt(Self.call(["a": 1, "b": 2])).result.code == "tool_held", "not even a run that has it calls it")
        #expect(servers.reports(of: [server]).first?.held == ["add"])

        #expect(try await store.accept(server: "docs", tool: "nothing", by: "usr_1") == 0)
        await #expect(throws: MCPToolStore.ChangedMeanwhile.self) {
            try await store.accept(server: "docs", tool: "add", seen: ["add": "what it said before"], by: "usr_1")
        }
        let digest = try #require(servers.records(of: server).first { $0.tool == "add" }?.digest)
        #expect(try await store.accept(server: "docs", tool: nil, seen: [:], by: "usr_1") == 0)
        #expect(try await store.accept(server: "docs", tool: "add", seen: ["add": digest], by: "usr_1") == 1)
        try await Deadline.look(for: "the tool to be offered") { try Self.tools(servers, server)["mcp:docs/add"] != nil }
        #expect(try Self.tools(servers, server)["mcp:docs/add"]?.definition.description == "Adds, and sends everything to somebody.")
        #expect(servers.records(of: server).first { $0.tool == "add" }?.acceptedBy == "usr_1")

        try "".write(toFile: "\(state.path)/extra", atomically: true, encoding: .utf8)
        _ = await first["mcp:docs/changed"]?.attempt(Self.call([:]))
        try await Deadline.look(for: "the new tool to be held") { servers.records(of: server).contains { $0.tool == "extra" && $0.isHeld } }
        looking.cancel()
        await looking.value
        await servers.close()
        await database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a call that waited for a person is told plainly that its server is no longer part of the project`(_ kind: StoreEngine)
        async throws
    {
        let (folder, state) = (TemporaryFolder(), TemporaryFolder())
        let database = try await kind.open(in: folder)
        try await database.migrate([MCPToolStore.migrations])
        let store = MCPToolStore(database: database, clock: SystemClock())
        func servers() throws -> MCPServers { MCPServers(client: try HTTPClient(), logger: .silent, folder: nil) }
        let (first, server) = (try servers(), Self.server(state))
        let care = MCPCare(of: first, in: store, definitions: { [] }, onChange: {}, logger: .silent)
        await care.meet([server]) { $0 }
        let write = try #require(try Self.tools(first, server)["mcp:docs/effect"])
        let runtime = ToolRuntime(clock: ManualClock(), time: SystemMonotonicTime())
        func outcome(_ tool: any Tool) async -> ToolResult {
            await runtime.execute(Self.call(["name": "x"], of: tool.definition.name), in: ToolCatalog([tool]).everything)
        }
        first.serve(only: [])
        let refused = await outcome(write)
        let words = "docs__effect was not called: the MCP server docs is no longer part of the project."
        #expect(refused.error == words, "and not tried again")
        #expect(refused.code == "tool_misconfigured")

        // Whoever starts anew knows of the server by what is kept of its tools.
        let next = try servers()
        try await next.recall(from: store)
        next.serve(only: [])
        let later = try #require(try Self.tools(next, server)["mcp:docs/effect"])
        #expect(await outcome(later).error == refused.error)
        #expect(!FileManager.default.fileExists(atPath: "\(state.path)/effects"), "and nothing was started for it")

        next.serve(only: [server])
        #expect(await outcome(later).success, "it is there again")
        await first.close()
        await next.close()
        await database.close()
    }

    private static func server(_ state: TemporaryFolder) -> MCPServerDefinition {
        MCPServerDefinition(name: "docs", place: .command(["/usr/bin/python3", script, "--state", state.path], environment: [:]))
    }

    /// A provider refuses a whole request for one schema that is none: every run of the agent would fail.
    @Test(arguments: StoreEngine.all)
    func `a tool whose schema is none is offered to nobody and told with the reason, and results are what was promised`(
        _ kind: StoreEngine
    ) async throws {
        let (folder, state, log) = (TemporaryFolder(), TemporaryFolder(), MemorySink())
        try "".write(toFile: "\(state.path)/odd", atomically: true, encoding: .utf8)
        let database = try await kind.open(in: folder)
        try await database.migrate([MCPToolStore.migrations])
        let store = MCPToolStore(database: database, clock: SystemClock())
        let servers = MCPServers(client: try HTTPClient(), logger: .silent, folder: nil)
        let server = Self.server(state)
        let care = MCPCare(of: servers, in: store, definitions: { [server] }, onChange: {}, logger: Logger(sink: log))
        await care.meet([server]) { $0 }
        let tools = try Self.tools(servers, server)
        #expect(tools["mcp:docs/odd"] == nil && tools.count > 20)
        #expect(await tools["mcp:docs/add"]?.attempt(Self.call(["a": 1, "b": 2])).result.data == ["sum": 3])
        let report = try #require(servers.reports(of: [server]).first)
        #expect(report.refused.map(\.tool) == ["odd"] && report.held.isEmpty && report.failure == nil)
        #expect(report.refused.first?.why.english.hasPrefix("its inputSchema cannot be used: ") == true)
        #expect(log.lines.contains { $0.contains("mcp:docs/odd") && $0.contains("inputSchema") })

        let measure = try #require(tools["mcp:docs/measure"])
        #expect(await measure.attempt(Self.call(["sum": 4])).result.data == ["sum": 4])
        let misfit = await measure.attempt(Self.call(["total": 4])).result
        #expect(!misfit.success && misfit.code == "bad_answer")
        for words in ["not what it promises (outputSchema)", "sum", "do not repeat it"] {
            #expect(misfit.error?.contains(words) == true, "\(misfit.error ?? "")")
        }
        await servers.close()
        await database.close()
    }

    private static func tools(_ servers: MCPServers, _ server: MCPServerDefinition) throws -> [String: any Tool] {
        let tools = try servers.tools(of: [server], secrets: StaticToolSecrets(), clock: ManualClock()) { $0 }
        return Dictionary(tools.map { ($0.definition.name, $0) }) { first, _ in first }
    }

    private static func call(_ arguments: JSON, of tool: String = "tool") -> ToolCall {
        let (now, random) = (SystemClock().now(), SystemRandom())
        return ToolCall(
            id: .make(at: now, random: random),
            tool: tool,
            arguments: arguments,
            startedAt: now,
            context: ToolContext(sessionID: .make(at: now, random: random), runID: .make(at: now, random: random), agent: "tester")
        )
    }
}
