import BatutaCore
import BatutaTesting
import Foundation
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
        for pool in ["8-1", "0", "1-", "many"] {
            let wrong = try await program.run("serve", "--database-pool", pool, "--project", program.hello)
            #expect(wrong.code == 2 && wrong.error.contains("such as 1-8"), "\(wrong.error)")
        }
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
        #expect(try await served.text("/metrics").contains("\nbatuta_database_wait_seconds "))
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

    /// A client that gave up on one node asks another, while the first is still at it.
    @Test func `one Idempotency-Key that reaches two nodes at once is one session, one run, one key`() async throws {
        var shop = try Shop()
        let folder = TemporaryFolder()
        let database = try await PostgresCluster.shared().ownDatabase(for: folder)
        shop.program.environment["BATUTA_DATABASE"] = try await PostgresCluster.shared().url(database.name)
        let copy = shop.program.folder.path + "/copy"
        try FileManager.default.copyItem(atPath: shop.folder, toPath: copy)
        let nodes = [try await shop.serve(), try await shop.serve(copy: copy)]
        let wishes: [(path: String, body: JSON, list: String)] = [
            ("/v1/sessions", ["title": "x"], "/v1/sessions?limit=200"),
            ("/v1/runs?wait=0", ["content": "hi"], "/v1/runs?limit=200"),
            ("/v1/keys", ["name": "one", "role": "viewer"], "/v1/keys?limit=200"),
        ]
        for wish in wishes {
            let before = try await nodes[0].send("GET", wish.list)["data"]?.array?.count ?? 0
            for turn in 0..<8 {
                let answers = try await withThrowingTaskGroup(of: JSON.self) { group in
                    for node in nodes {
                        group.addTask { try await node.send("POST", wish.path, wish.body, once: "\(wish.path) \(turn)") }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                // Whoever is not told what was made is told that it is being made.
                let made = Set(answers.compactMap { $0["id"]?.string ?? $0["run_id"]?.string })
                #expect(made.count == 1 && answers.allSatisfy { $0["code"] == nil || $0["code"] == "in_progress" }, "\(answers)")
            }
            #expect(try await nodes[1].send("GET", wish.list)["data"]?.array?.count == before + 8, "\(wish.path)")
        }
        for node in nodes { await node.end(SIGTERM) }
    }

    @Test func `what names another store than the server of its folder is refused, and happens nowhere`() async throws {
        let shop = try Shop()
        let folder = TemporaryFolder()
        let database = try await PostgresCluster.shared().ownDatabase(for: folder)
        let url = try await PostgresCluster.shared().url(database.name)
        let served = try await shop.serve()
        for words in [["run", "hi"], ["runs"], ["approvals"]] {
            let refused = try await shop.program.run(all: words + ["--project", shop.folder, "--database", url])
            #expect(refused.code == 1 && refused.error.contains("works on sqlite"), "\(refused.error)")
            #expect(refused.error.contains(database.name), "\(refused.error)")
            #expect(!refused.error.contains("@"))
        }
        #expect(try await served.send("GET", "/v1/runs")["data"]?.array?.isEmpty == true)
        #expect(try await shop.run("runs").code == 0)
        await served.end(SIGTERM)
    }

    @Test func `a session that is deleted on one node ends its streams on the other`() async throws {
        var shop = try Shop()
        let folder = TemporaryFolder()
        let database = try await PostgresCluster.shared().ownDatabase(for: folder)
        shop.program.environment["BATUTA_DATABASE"] = try await PostgresCluster.shared().url(database.name)
        let copy = shop.program.folder.path + "/copy"
        try FileManager.default.copyItem(atPath: shop.folder, toPath: copy)
        let (first, second) = (try await shop.serve(), try await shop.serve(copy: copy))
        let run = try await first.send("POST", "/v1/runs", ["content": "hi"])
        let session = run["session_id"]?.string ?? ""
        async let told = second.text("/v1/sessions/\(session)/events")
        try await Deadline.look(for: "a stream") { try await second.text("/metrics").contains("\nbatuta_event_streams 1\n") }
        try await first.delete("/v1/sessions/\(session)")
        #expect(try await told.contains("complete"))
        for node in [first, second] { await node.end(SIGTERM) }
    }
}
