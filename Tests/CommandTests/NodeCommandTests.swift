import BatutaTesting
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

    @Test func `every command finds a store on PostgreSQL, and a run needs no server`() async throws {
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
}
