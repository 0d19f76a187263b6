import BatutaCore
import BatutaTesting
import Testing

@testable import BatutaTools

/// Servers made with the public Python SDK, in its last two major versions: the first of them speaks only the older handshake.
///
/// `scripts/bootstrap --tests` installs it; without it these tests fail and say so.
@Suite(.timeLimit(.minutes(5))) struct `Servers made with the public Python SDK` {
    private static let root = #filePath.replacing("/Tests/BatutaToolsTests/MCPSDKTests.swift", with: "")

    private func launch(_ version: Int, _ arguments: String...) throws -> ProcessLaunch {
        let python = Self.root + "/.build/mcp-sdk-\(version)/bin/python"
        try #require(ProgramSearch.isProgram(python), "the SDK is not installed: scripts/bootstrap --tests")
        let script = Self.root + "/Tests/Support/MCPSDK/sdk_server.py"
        return ProcessLaunch(program: python, arguments: [script] + arguments, environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"])
    }

    private func call(_ name: String, _ arguments: JSON, _ client: MCPClient) async throws -> ToolResult {
        let listed = try #require(try await client.list().tools.first { $0.name == name })
        let server = MCPServerDefinition.test([], trustsHints: true)
        let tool = try MCPTool(listed, of: server, client: client, secrets: StaticToolSecrets(), clock: ManualClock())
        return await ToolRuntime.test(SystemMonotonicTime()).execute(
            .test("mcp:docs/\(name)", arguments),
            in: ToolCatalog([tool]).everything
        )
    }

    private func talk(_ client: MCPClient, _ era: MCPEra) async throws {
        let tools = try await client.list().tools
        #expect(client.condition == .up(era: era))
        #expect(Set(tools.map(\.name)) == ["add", "campaign", "refuse", "grow"])
        let add = try #require(tools.first { $0.name == "add" })
        #expect(MCPServerDefinition.test([], trustsHints: true).definition(of: add).effect == .read)
        #expect(add.parameters["required"] == ["a", "b"])
        #expect(try await call("add", ["a": 20, "b": 22], client).data?["result"] == 42)
        #expect(try await call("campaign", ["name": "Inverno"], client).data?["spend"] == 12.5)
        let refused = try await call("refuse", [:], client)
        #expect(refused.code == "rejected")
        #expect(refused.error?.contains("refuse") == true, "\(refused.error ?? "")")
    }

    @Test(arguments: [(1, MCPEra.legacy), (2, .modern)]) func `over pipes`(version: Int, era: MCPEra) async throws {
        let launch = try launch(version)
        let link = StdioLink(.init(name: "sdk") { .success(launch) })
        try await talk(MCPClient(name: "sdk", link: link), era)
        await link.close()
    }

    @Test(arguments: [(1, MCPEra.legacy), (2, .modern)]) func `over HTTP`(version: Int, era: MCPEra) async throws {
        let served = try await ServedMCP(try launch(version, "--http"))
        try await talk(MCPClient(name: "sdk", link: served.link), era)
    }

    @Test(arguments: [(1, false), (2, false), (2, true)]) func `other tools are told of`(version: Int, isHTTP: Bool) async throws {
        let heard = ChangeCounter()
        let launch = try launch(version, isHTTP ? "--http" : "--pipes")
        var configuration = StdioLink.Configuration(name: "sdk") { .success(launch) }
        configuration.onToolsChanged = { heard.add() }
        let served = isHTTP ? try await ServedMCP(launch) { heard.add() } : nil
        let link: any MCPLink = served?.link ?? StdioLink(configuration)
        let client = MCPClient(name: "sdk", link: link)
        _ = try await client.list()
        let listening = Task { await client.listen() }
        // A change that comes before the server has taken the listener in is told to nobody.
        try await Deadline.look(for: "the change") {
            _ = try await call("grow", [:], client)
            return heard.value > 0
        }
        #expect(try await client.list().tools.contains { $0.name == "more" })
        listening.cancel()
        _ = await listening.value
        await link.close()
    }
}
