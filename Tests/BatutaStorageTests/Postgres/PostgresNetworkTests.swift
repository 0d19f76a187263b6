import BatutaStorage
import BatutaTesting
import Testing

/// A PostgreSQL as it stands elsewhere: behind TLS, passwords and a pooler of transactions.
@Suite(.timeLimit(.minutes(5)), .serialized) struct PostgresNetworkTests {
    private static let started = Task { try await NetworkedPostgres() }

    private func database(
        _ place: KeyPath<NetworkedPostgres, String>,
        _ parameters: String,
        password: String = NetworkedPostgres.password,
        patience: Duration = .seconds(60)
    ) async throws -> PostgresDatabase {
        let postgres = try await Self.started.value
        let url = postgres.url(postgres[keyPath: place], parameters, password: password)
        let isPooled = place == \NetworkedPostgres.pooler
        return try PostgresDatabase(PostgresConfiguration(url: url, maximumReaders: 4, isPooled: isPooled, patience: patience))
    }

    private func refusal(_ parameters: String, password: String = NetworkedPostgres.password) async throws -> StorageError? {
        let database = try await database(\.server, parameters, password: password, patience: .seconds(1))
        let error = await #expect(throws: StorageError.self) { _ = try await database.read { try $0.first("SELECT 1") { $0.int(0) } } }
        await database.close()
        return error
    }

    @Test(arguments: ["sslmode=require", "sslmode=require&channel_binding=require", "sslmode=verify-full&channel_binding=require"])
    func `what goes to the server is encrypted, to the server that was meant`(_ parameters: String) async throws {
        let postgres = try await Self.started.value
        let root = parameters.contains("verify") ? "&sslrootcert=\(postgres.certificate)" : ""
        let database = try await database(\.server, parameters + root)
        let version = try await database.read { reading in
            try reading.first("SELECT version FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()") { $0.text(0) }
        }
        #expect(version?.hasPrefix("TLSv1.") == true)
        await database.close()
    }

    @Test func `a server that is not the one that was meant gets no password, and says why`() async throws {
        let postgres = try await Self.started.value
        let strange = try await refusal("sslmode=verify-full&sslrootcert=\(postgres.strangeCertificate)")
        #expect(strange?.message.contains("check sslmode, sslrootcert") == true, "\(strange?.message ?? "")")
        #expect(strange?.cause?.contains("certificate verify failed") == true)
        let named = try await refusal("sslmode=verify-full&sslrootcert=\(postgres.certificate)&hostaddr=127.0.0.1&host=elsewhere")
        #expect(named?.message.contains("the host's name") == true, "\(named?.message ?? "")")
    }

    @Test func `a server that wants TLS refuses everything else, and a wrong password is told without it`() async throws {
        let open = try await refusal("sslmode=disable")
        #expect(open?.message.contains("add sslmode=require") == true, "\(open?.message ?? "")")
        let wrong = try await refusal("sslmode=require", password: "wrong-secret")
        #expect(wrong?.message.contains("check name and password") == true, "\(wrong?.message ?? "")")
        let none = try await refusal("sslmode=require", password: "")
        #expect(none?.message.contains("the server wants a password") == true, "\(none?.message ?? "")")
        #expect("\(wrong?.message ?? "") \(wrong?.cause ?? "")".contains("wrong-secret") == false)
    }

    @Test func `through a pooler of transactions writes and reads are whole, with more clients than it has servers`() async throws {
        let nodes = [try await database(\.pooler, "sslmode=disable"), try await database(\.pooler, "sslmode=disable")]
        try await nodes[0].migrate([Events.migrations])
        for name in 0..<8 { _ = try await nodes[0].write(Events.session("p\(name)")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in 0..<8 {
                group.addTask {
                    for _ in 0..<25 {
                        let results = try await nodes[name % 2].write(Events.append(["a", "b"], to: "p\(name)")).results
                        #expect(results != nil)
                        _ = try await nodes[(name + 1) % 2].read { try $0.first("SELECT count(*) FROM events") { $0.int(0) } }
                    }
                }
            }
            try await group.waitForAll()
        }
        for name in 0..<8 { #expect(try await Events.all(of: "p\(name)", in: nodes[1]).count == 50) }
        #expect(try await nodes[0].write(Events.append(["x"], to: "p1", fence: 9)).summary == "guard 0")
        for node in nodes { await node.close() }
        // Nothing of ours stays in the server's processes, which others are given next.
        let other = try await database(\.server, "sslmode=require")
        let clients = try await other.read { reading in
            try reading.first("SELECT count(*) FROM pg_stat_activity WHERE usename = 'batuta' AND state LIKE 'idle in%'") { $0.int(0) }
        }
        #expect(clients == 0)
        await other.close()
    }

    @Test func `the bell is heard beside a pooler, on the direct address`() async throws {
        let postgres = try await Self.started.value
        let direct = PostgresConfiguration(url: postgres.url(postgres.server, "sslmode=require"))
        let (one, other) = (try PostgresDoorbell(direct), try PostgresDoorbell(direct))
        let (news, heard) = AsyncStream.makeStream(of: BellNews.self)
        other.listen { heard.yield($0) }
        var first = news.makeAsyncIterator()
        #expect(await first.next() == .everything)
        one.listen { _ in }
        one.ring(.session("ses_1", number: 7, isWanted: true))
        var told: BellNews?
        while let next = await first.next() {
            told = next
            if case .rings = next { break }
        }
        #expect(told == .rings([.session("ses_1", number: 7, isWanted: true)]))
        one.close()
        other.close()
    }
}
