import BatutaCore
import BatutaTesting
import Testing

@testable import BatutaStorage

/// A node that stands still within a transaction: it holds rows that others need.
@Suite(.timeLimit(.minutes(5))) struct PostgresSilenceTests {
    @Test func `the server ends a transaction whose node says nothing more, and others go on`() async throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let configuration = try await PostgresCluster.shared().ownDatabase(for: folder).configuration
        let node = try PostgresDatabase(configuration)
        try await node.migrate([Events.migrations])
        _ = try await node.write(Events.session("a"))
        var silent = configuration
        silent.silenceTimeout = .milliseconds(300)
        let frozen = try await Blocking.run { [silent] in Result { try Self.standStill(silent, in: "a") } }.get()
        let outcome = try await Deadline.wait(.seconds(30), for: "the row") { try await node.write(Events.append(["x"], to: "a")) }
        #expect(outcome.results?.first?.returned.first?.int(0) == 1)
        // Whoever wakes up is told, and nothing of its transaction is there.
        let woken = await Blocking.run { Result { () throws -> [PostgresConnection.Reply] in try frozen.fly(["COMMIT"]) } }
        #expect(throws: PostgresConnection.Loss.self) { try woken.get() }
        #expect(try await node.read { try $0.rows("SELECT last_event FROM sessions") { $0.int(0) } } == [1])
        await node.close()
    }

    @Test func `it does so long before a lease is over`() {
        #expect(PostgresConfiguration(url: "").silenceTimeout <= .seconds(10))
    }

    private static func standStill(_ configuration: PostgresConfiguration, in session: String) throws -> PostgresConnection {
        let connection = try PostgresConnection(configuration)
        let replies = try connection.fly(["BEGIN", "UPDATE sessions SET last_event = 7 WHERE id = \(session)"])
        guard case .result = replies.last else { throw StorageError(.io, "the row is not held") }
        return connection
    }
}
