import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTesting
import Foundation
import Testing

@testable import BatutaTools

/// Servers of 2026-07-28 tell of other tools only to whoever listens (Subscriptions).
@Suite(.timeLimit(.minutes(5))) struct `Listening to servers of tools` {
    private let fixture = MCPServerFixture()
    private let heard = ChangeCounter()

    private func link(_ era: String = "modern") -> StdioLink { fixture.link(era: era) { [heard] in heard.add() } }

    @Test(arguments: [true, false]) func `a change is heard at once, as often as there is one, until one listens no more`(isHTTP: Bool)
        async throws
    {
        let served = isHTTP ? try await ServedMCP(fixture, era: "modern") { [heard] in heard.add() } : nil
        let link: any MCPLink = served?.link ?? link()
        let client = MCPClient(name: "docs", link: link)
        let listening = Task { await client.listen() }
        try await Deadline.look(for: "the stream") { fixture.lines("listens").count == 1 }
        for round in 1...2 {
            try fixture.write("announce", "")
            try await Deadline.look(for: "the change") { heard.value == round }
        }
        #expect(try await client.list().tools.count > 20, "calls go on beside it")
        listening.cancel()
        _ = await listening.value
        if !isHTTP { try await Deadline.look(for: "the cancellation") { fixture.lines("cancelled") == fixture.lines("listens") } }
        #expect(link.condition == .up(era: .modern), "the end of a stream is no failure of the server")
        await link.close()
    }

    @Test(arguments: ["fixed", "deaf"]) func `a server that tells nothing is asked once`(era: String) async throws {
        let link = link(era)
        let client = MCPClient(name: "docs", link: link)
        _ = try await client.list()
        #expect(await !client.listen())
        let listeners = MCPListeners()
        for _ in 0..<2 { await listeners.listen(to: "docs", client) }
        await listeners.close()
        #expect(await listeners.takeEnded().isEmpty)
        #expect(fixture.lines("listens").isEmpty)
        await link.close()
    }

    @Test func `a stream that ended is told, and opened again by the next look`() async throws {
        let link = link()
        let client = MCPClient(name: "docs", link: link)
        _ = try await client.list()
        let listeners = MCPListeners()
        for _ in 0..<3 { await listeners.listen(to: "docs", client) }
        try await Deadline.look(for: "the stream") { fixture.lines("listens").count == 1 }
        try fixture.write("hang_up", "")
        try await Deadline.look(for: "its end") { await listeners.takeEnded() == ["docs"] }
        await listeners.listen(to: "docs", client)
        try await Deadline.look(for: "the next stream") { fixture.lines("listens").count == 2 }
        await listeners.keep(only: [])
        try await Deadline.look(for: "its end") { fixture.lines("cancelled").count == 1 }
        await link.close()
    }

    @Test func `a server whose stream ended is looked at before long, others are not hurried`() {
        var plan = LookPlan()
        plan.looked(at: "docs", next: .seconds(600), now: .zero)
        plan.looked(at: "soon", next: .seconds(5), now: .zero)
        plan.hurry(["docs", "soon"], until: .seconds(30))
        #expect(!plan.isDue("docs", at: .seconds(29)))
        #expect(plan.isDue("docs", at: .seconds(30)))
        #expect(plan.isDue("soon", at: .seconds(5)))
    }

    @Test func `a server whose process ended is looked at again without being needed; one that was closed is not`() async throws {
        let servers = MCPServers(client: try .test(), logger: .silent, folder: nil)
        let server = fixture.server(era: "legacy")
        servers.prepare(server) { $0 }
        let client = try #require(servers.entry(for: server)?.client)
        let told = ChangeCounter()
        let listening = Task { for await _ in servers.changed { told.add() } }
        _ = try await client.list()
        let pid = try #require(fixture.lines("starts").last.flatMap { Int32($0) })
        #expect(kill(pid, SIGKILL) == 0)
        try await Deadline.look(for: "the notice") { told.value == 1 }
        _ = try await client.list()
        #expect(fixture.lines("starts").count == 2)
        await servers.close()
        await listening.value
        #expect(told.value == 1)
    }

    @Test func `what is announced during a look is looked at after it`() {
        var plan = LookPlan()
        let (first, second) = (plan.begin("docs", at: .zero), plan.begin("docs", at: .zero))
        #expect(first)
        #expect(!second, "it is under way")
        plan.hurry(["docs"])
        plan.looked(at: "docs", next: .seconds(600), now: .seconds(1))
        #expect(plan.isDue("docs", at: .seconds(1)))
        let third = plan.begin("docs", at: .seconds(1))
        #expect(third)
        plan.looked(at: "docs", next: .seconds(600), now: .seconds(2))
        #expect(!plan.isDue("docs", at: .seconds(2)))
    }

    @Test func `closing a server waits for no stream`() async throws {
        let servers = MCPServers(client: try .test(), logger: .silent, folder: nil)
        let server = fixture.server(era: "modern")
        servers.prepare(server) { $0 }
        let client = try #require(servers.entry(for: server)?.client)
        _ = try await client.list()
        let listening = Task { await client.listen() }
        try await Deadline.look(for: "the stream") { fixture.lines("listens").count == 1 }
        await servers.close()
        _ = await listening.value
        #expect(client.condition == .down("it is closed"))
    }
}
