import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTesting
import Testing

@testable import BatutaTools

@Suite struct `Servers of tools of a node` {
    private func servers() throws -> MCPServers { MCPServers(client: try .test(), logger: .silent, folder: nil) }

    private func server(_ program: String) -> MCPServerDefinition {
        MCPServerDefinition(name: "docs", place: .command([program], environment: ["TOKEN": "${secret.TOKEN}"]))
    }

    private func meet(_ server: MCPServerDefinition, _ servers: MCPServers, token: String = "one") {
        servers.prepare(server) { _ in token }
    }

    @Test func `DESIGN 9_18 a run keeps the server that it began with, the newer one of its name is looked after`() async throws {
        let servers = try servers()
        let (old, new) = (server("older"), server("newer"))
        meet(new, servers)
        let client = try #require(servers.entry(for: new)?.client)
        meet(old, servers)
        #expect(servers.entry(for: new)?.client === client, "whoever looks after it asks the one that the project means")
        let older = try #require(servers.entry(for: old)?.client)
        #expect(older !== client)
        await servers.keep(only: [new])
        #expect(servers.entry(for: old) == nil)
        #expect(older.condition == .unused, "it is not closed")
        await servers.keep(only: [])
        #expect(client.condition == .down("it is closed"))
    }

    @Test func `another environment is another process, the same one is not`() async throws {
        let servers = try servers()
        meet(server("docs"), servers)
        let first = try #require(servers.entry(for: server("docs"))?.client)
        meet(server("docs"), servers)
        #expect(servers.entry(for: server("docs"))?.client === first)
        meet(server("docs"), servers, token: "two")
        #expect(servers.entry(for: server("docs"))?.client !== first)
        await servers.close()
    }
}
