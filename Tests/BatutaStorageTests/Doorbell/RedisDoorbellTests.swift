import BatutaCore
import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaStorage

/// Redis may go at any moment and come back at any later one.
@Suite(.timeLimit(.minutes(5))) struct RedisDoorbellTests {
    private func failure(_ address: RedisAddress) async throws -> RedisFailure {
        let bell = try RedisDoorbell(address, channel: "batuta:bell:test")
        let ears = BellListener(bell)
        try await ears.wait(for: "silence") { $0.contains(.silence) }
        bell.close()
        return try #require(bell.failure)
    }

    @Test func `a Redis that is killed is silence at once, and everything when it is back`() async throws {
        let (folder, server) = (TemporaryFolder(), try await RedisServer())
        let (near, far) = try await StoreBell.redis.pair(folder, redis: server)
        try await server.kill()
        for hearer in [near, far] { try await hearer.ears.wait(for: "silence") { $0.contains(.silence) } }
        // What is rung meanwhile is not said one by one later.
        for number in 0..<1_000 { near.bell.ring(.session("ses_\(number)", number: 1, isWanted: false)) }
        try await server.start()
        for hearer in [near, far] { try await hearer.ears.wait(for: "everything") { $0.contains(.everything) } }
        try await StoreBell.redis.hear(from: near, to: far)
        for bell in [near.bell, far.bell] { bell.close() }
        await server.stop()
    }

    @Test func `a Redis that says nothing any more is found out`() async throws {
        let (folder, server) = (TemporaryFolder(), try await RedisServer())
        let (near, far) = try await StoreBell.redis.pair(folder, redis: server)
        try await server.freeze()
        for hearer in [near, far] { try await hearer.ears.wait(for: "silence") { $0.contains(.silence) } }
        try await server.thaw()
        try await far.ears.wait(for: "everything") { $0.contains(.everything) }
        try await StoreBell.redis.hear(from: near, to: far)
        for bell in [near.bell, far.bell] { bell.close() }
        await server.stop()
    }

    @Test func `without Redis both bells are as good as PostgreSQL's, and say no silence`() async throws {
        let (folder, server) = (TemporaryFolder(), try await RedisServer())
        let (near, far) = try await StoreBell.both.pair(folder, redis: server)
        try await server.kill()
        try await StoreBell.both.hear(from: near, to: far)
        for hearer in [near, far] { #expect(!hearer.ears.news.contains(.silence)) }
        for bell in [near.bell, far.bell] { bell.close() }
        await server.stop()
    }

    @Test func `a node without Redis hears one that has it, and the other way round`() async throws {
        let folder = TemporaryFolder()
        let with = Hearer(try await StoreBell.both.make(for: folder))
        let without = Hearer(try await StoreBell.postgres.make(for: folder))
        for hearer in [with, without] { try await hearer.ears.wait(for: "the beginning") { $0.contains(.everything) } }
        try await StoreBell.both.hear(from: with, to: without)
        try await StoreBell.both.hear(from: without, to: with)
        for bell in [with.bell, without.bell] { bell.close() }
    }

    @Test func `a user with a password is let in; a wrong one, none, and one that nobody asked for are said in words`() async throws {
        let server = try await RedisServer(
            password: "p:a@ss/w%r",
            options: "--user ringer on >secret &batuta:* +ping +publish +subscribe --user deaf on >secret +ping".split(separator: " ").map(
                String.init
            )
        )
        let place = "127.0.0.1:\(server.port)"
        for user in [":p%3Aa%40ss%2Fw%25r", "default:p%3aa@ss%2Fw%25r", "ringer:secret"] {
            let bell = try RedisDoorbell(try RedisAddress("redis://\(user)@\(place)"), channel: "batuta:bell:test")
            try await BellListener(bell).wait(for: "everything of \(user)") { _ in bell.isHearing }
            bell.close()
        }
        #expect(try await failure(RedisAddress("redis://:wrong@\(place)")).kind == .unknownUser)
        #expect(try await failure(RedisAddress("redis://nobody:secret@\(place)")).kind == .unknownUser)
        #expect(try await failure(RedisAddress("redis://\(place)")).kind == .unknownUser)
        #expect(try await failure(RedisAddress("redis://deaf:secret@\(place)")).kind == .forbidden)
        let open = try await RedisServer.shared()
        #expect(try await failure(RedisAddress("redis://:some@127.0.0.1:\(open.port)")).kind == .unknownUser)
        #expect(try await failure(RedisAddress("redis://127.0.0.1:\(open.port)/99")).kind == .refused)
        await server.stop()
        let gone = try await failure(RedisAddress("redis://127.0.0.1:\(server.port)"))
        #expect(gone.kind == .unreachable && gone.description.contains(place) && gone.words(.portuguese).contains(place))
    }

    @Test(arguments: [
        ("redis://h", "h:6379", 0), ("redis://h/", "h:6379", 0), ("redis://h:1/15", "h:1", 15), ("redis://[::1]:7/2", "[::1]:7", 2),
        ("redis://:p@h", "h:6379", 0), ("redis://u:p@redis.example:6380/1", "redis.example:6380", 1), ("redis://[::1]", "[::1]:6379", 0),
    ])
    func `an address is read`(_ text: String, _ place: String, _ database: Int) throws {
        let address = try RedisAddress(text)
        #expect(address.place == place && address.database == database)
    }

    @Test func `user and password are decoded, and never shown`() throws {
        let address = try RedisAddress("redis://us%20er:p%40%C3%A9@h")
        #expect(address.user == "us er" && address.password == "p@é" && address.place == "h:6379")
    }

    @Test(arguments: [
        "", "redis", "redis://", "http://h", "redis:/h", "redis://h:", "redis://h:x", "redis://h:0", "redis://h:65536", "redis://h/a",
        "redis://h/1/2",
        "redis://h/-1", "redis://p@h", "redis://u:@h", "redis://u:%4@h", "redis://u:%zz@h", "redis://u:%ff@h", "redis://[::1",
        "redis://h?db=1",
        "redis://a b",
    ])
    func `what is no address is refused`(_ text: String) {
        let problem = #expect(throws: RedisAddress.Problem.self) { try RedisAddress(text) }
        #expect(problem == .unreadable)
    }

    @Test func `TLS is refused as such`() {
        let problem = #expect(throws: RedisAddress.Problem.self) { try RedisAddress("rediss://h") }
        #expect(problem == .wantsTLS)
    }

    @Test func `two bells are one: only the one that everybody rings can be silent`() {
        var ears = PairedEars()
        let ring = BellNews.rings([.session("a", number: 1, isWanted: false)])
        #expect(ears.hear(.everything, fromSure: false) == [.everything, .silence])
        #expect(ears.hear(.everything, fromSure: true) == [.everything])
        #expect(ears.hear(ring, fromSure: false) == [ring] && ears.hear(ring, fromSure: true) == [ring])
        #expect(ears.hear(.silence, fromSure: false).isEmpty)
        #expect(ears.hear(.everything, fromSure: false) == [.everything])
        #expect(ears.hear(.silence, fromSure: true) == [.silence])
        #expect(ears.hear(.everything, fromSure: false) == [.everything, .silence])
    }
}
