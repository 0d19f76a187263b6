import BatutaCore
import BatutaTesting
import Glibc
import Testing

/// Commands on a store that several nodes share.
@Suite(.timeLimit(.minutes(5))) struct NodeCommandTests {
    private func program(_ folder: TemporaryFolder) async throws -> Program {
        var program = Program()
        try await program.makeHello()
        let database = try await PostgresCluster.shared().ownDatabase(for: folder)
        program.environment["BATUTA_DATABASE"] = try await PostgresCluster.shared().url(database.name)
        return program
    }

    @Test func `S2.18 every command finds a store on PostgreSQL, and a run needs no server`() async throws {
        let folder = TemporaryFolder()
        let program = try await program(folder)
        let run = try await program.run("run", "What time is it?", "--project", program.hello)
        #expect(run.code == 0 && run.out.contains("It is "), "\(run.error)")
        let runs = try await program.run("runs", "--project", program.hello)
        #expect(runs.code == 0 && runs.out.contains("completed"))
        let key = try await program.run("key", "create", "k", "--project", program.hello)
        #expect(key.code == 0 && key.out.contains(" bat_"))
    }

    @Test func `a worker needs PostgreSQL, and a project that some node has brought`() async throws {
        let folder = TemporaryFolder()
        let program = try await program(folder)
        let alone = try await program.run("worker", "--database", "sqlite:\(folder.path)/a.db", "--project", folder.path)
        #expect(alone.code == 1 && alone.error.contains("--database postgres://"), "\(alone.error)")
        let early = try await program.run("worker", "--project", folder.path)
        #expect(early.code == 1 && early.error.contains("no node has brought a project"), "\(early.error)")
        let wrong = try await program.run("serve", "--role", "boss", "--project", program.hello)
        #expect(wrong.code == 2 && wrong.error.contains("all, api, worker"), "\(wrong.error)")
        let bad = try await program.run("serve", "--database", "mysql://x", "--project", program.hello)
        #expect(bad.code == 2 && bad.error.contains("postgres://"), "\(bad.error)")
    }

    @Test(arguments: [
        ("redis//h", "redis://[USER:PASSWORD@]HOST"), ("rediss://h", "without TLS only"), ("redis://u:secret@h/x", "/DATABASE]"),
    ])
    func `a Redis URL that cannot be read stops the start, and nothing of it is repeated`(_ url: String, _ words: String) async throws {
        let program = try await program(TemporaryFolder())
        let wrong = try await program.run("serve", "--redis", url, "--project", program.hello)
        #expect(wrong.code == 2 && wrong.error.contains("--redis must be") && wrong.error.contains(words), "\(wrong.error)")
        #expect(!wrong.error.contains("secret"))
    }

    @Test func `a Redis that is not there stops nothing, is said once, and is used when it comes`() async throws {
        var shop = try Shop()
        let (folder, redis) = (TemporaryFolder(), try await RedisServer())
        try await redis.kill()
        let database = try await PostgresCluster.shared().ownDatabase(for: folder)
        shop.program.environment["BATUTA_DATABASE"] = try await PostgresCluster.shared().url(database.name)
        shop.program.environment["REDIS_URL"] = redis.url
        let served = try await shop.serve()
        try await Deadline.look(for: "a problem in /v1/info") {
            try await served.send("GET", "/v1/info")["problems"]?.array?.contains { $0.string?.contains("Redis at 127.0.0.1") == true }
                == true
        }
        #expect(try await served.text("/metrics").contains("batuta_bell_hearing{bell=\"redis\"} 0"))
        try await redis.start()
        try await served.waitFor { $0.contains("Redis is connected") }
        #expect(try await served.send("GET", "/v1/info")["problems"]?.array?.isEmpty == true)
        #expect(try await served.text("/metrics").contains("batuta_bell_hearing{bell=\"redis\"} 1"))
        try await redis.kill()
        try await Deadline.look(for: "a second word in the log") {
            served.printed.split(separator: "\n").count { $0.contains("Redis is not used") } == 2
        }
        await served.end(SIGTERM)
        await redis.stop()
    }

    @Test func `on SQLite Redis is not used, and the log says so`() async throws {
        var shop = try Shop()
        shop.program.environment["REDIS_URL"] = "rediss://another.program.example"
        let served = try await shop.serve()
        try await served.waitFor { $0.contains("Redis is not used: on SQLite") }
        await served.end(SIGTERM)
    }
}
