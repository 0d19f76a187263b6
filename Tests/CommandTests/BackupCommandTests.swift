import BatutaCore
import BatutaStorage
import BatutaTesting
import Foundation
import Glibc
import Testing

/// `batuta backup`, `restore` and `migrate`, as people use them.
@Suite(.timeLimit(.minutes(5))) struct BackupCommandTests {
    private let program = Program()
    private var store: String { program.hello + "/.batuta" }
    private var file: String { program.folder.path + "/backup.tar" }

    /// Does one run and gives its identifier.
    private func run(_ text: String = "What time is it?") async throws -> String {
        let outcome = try await program.run("run", "--json", "--project", program.hello, text)
        return try #require(try JSON.parse(String(outcome.out.split(separator: "\n")[0]))["run_id"]?.string)
    }

    private func runs() async throws -> Set<String> {
        let outcome = try await program.run("runs", "--project", program.hello)
        #expect(outcome.code == 0, "\(outcome.error)")
        return Set(outcome.out.split(separator: "\n").map { String($0.prefix { $0 != " " }) })
    }

    /// Puts bytes into the store, so that copying it takes a while.
    private func fatten() async throws {
        let database = try SQLiteDatabase(path: store + "/batuta.db")
        let blobs = try await BlobStore.open(in: database, folder: store)
        for number in 0..<12 {
            var batch = WriteBatch(order: "x")
            let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
            blobs.put(try await blobs.prepare(number % 2 == 0 ? bytes : bytes + bytes), owner: "test", into: &batch)
            _ = try await database.write(batch)
        }
        await database.close()
    }

    @Test func `a backup is taken beside a running server, and a restore waits until it is stopped`() async throws {
        try await program.makeHello()
        let server = try program.serve(program.hello)
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        let first = try await run()
        let backup = try await program.run("backup", file, "--project", program.hello)
        #expect(backup.code == 0 && backup.out.hasPrefix("\(file) holds the store now ("), "\(backup.error)")
        let second = try await run()
        let refused = try await program.run("restore", file, "--project", program.hello)
        #expect(refused.code == 1 && refused.error.contains("(pid \(server.process.pid))"))
        #expect(try await runs() == [first, second])
        server.process.signal(SIGTERM)
        #expect(await server.process.end() == .exited(0))
        let restore = try await program.run("restore", file, "--project", program.hello)
        #expect(restore.code == 0, "\(restore.error)")
        #expect(restore.out.contains("1 conversation, 2 messages, 1 run, 0 people.") && restore.out.contains(store + "/before-restore-"))
        #expect(try await runs() == [first])
        let third = try await run()
        #expect(try await runs() == [first, third])
    }

    @Test func `a backup moves a project's store to a new machine`() async throws {
        try await program.makeHello()
        let first = try await run()
        _ = try await program.run("backup", "backup.tar", "--project", program.hello)
        try FileManager.default.removeItem(atPath: store)
        var portuguese = program
        portuguese.environment["LANG"] = "pt_BR.UTF-8"
        let restore = try await portuguese.run("restore", "backup.tar", "--project", program.hello)
        #expect(restore.code == 0 && restore.out.contains("1 conversa, 2 mensagens, 1 execução, 0 pessoas."), "\(restore.error)")
        #expect(!restore.out.contains("before-restore"))
        #expect(try await runs() == [first])
    }

    @Test func `secrets need their key, and both commands say so`() async throws {
        try await program.makeHello()
        _ = try await program.run("secret", "set", "TOKEN", "--project", program.hello, input: "value")
        let backup = try await program.run("backup", file, "--project", program.hello)
        #expect(backup.error.contains("\(store)/master.key"))
        let same = try await program.run("restore", file, "--project", program.hello)
        #expect(same.code == 0 && same.out.contains("1 secret needs the master key") && same.error.isEmpty)
        try FileManager.default.removeItem(atPath: store + "/master.key")
        let without = try await program.run("restore", file, "--project", program.hello)
        let locked = "CRITICAL: The vault was locked with a master key that is not at \(store)/master.key"
        #expect(without.code == 0 && without.error.contains(locked))
    }

    @Test func `a backup into a folder that there is not says how to make it`() async throws {
        var program = Program()
        try await program.makeHello()
        #expect(try await program.run("run", "--project", program.hello, "What time is it?").code == 0)
        let file = program.folder.path + "/no where/kitchen.tar"
        let refused = try await program.run("backup", file, "--project", program.hello)
        #expect(refused.code == 1 && refused.error.contains("mkdir -p '\(program.folder.path)/no where'"), "\(refused)")
        program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await program.run("backup", file, "--project", program.hello).error.contains("Não existe a pasta"))
        #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/no where"))
    }

    @Test func `mistakes are told in both languages and change nothing`() async throws {
        try await program.makeHello()
        #expect(try await program.run("backup").code == 2)
        #expect(try await program.run("restore").code == 2)
        let early = try await program.run("backup", file, "--project", program.hello)
        #expect(early.code == 1 && early.error.contains("nothing to back up yet"))
        #expect(!FileManager.default.fileExists(atPath: store + "/batuta.db"))
        let first = try await run()
        let foreign = try await program.run("restore", "hello/batuta.yaml", "--project", program.hello)
        #expect(foreign.code == 1 && foreign.error.contains("is no backup of Batuta"))
        let missing = try await program.run("restore", "none.tar", "--project", program.hello)
        #expect(missing.code == 1 && missing.error.contains("none.tar"))
        _ = try await program.run("backup", file, "--project", program.hello)
        var portuguese = program
        portuguese.environment["LANG"] = "pt_BR.UTF-8"
        let taken = try await portuguese.run("backup", file, "--project", program.hello)
        #expect(taken.code == 1 && taken.error.hasPrefix("Já existe algo em \(file)"))
        #expect(try await runs() == [first])
    }

    @Test func `migrate makes the tables, and says when there is nothing to do`() async throws {
        try await program.makeHello()
        let made = try await program.run("migrate", "--project", program.hello)
        #expect(made.code == 0 && made.out.hasSuffix(" steps were applied; the tables are up to date.\n"))
        let again = try await program.run("migrate", "--project", program.hello)
        #expect(again.out == "The tables are up to date.\n")
        let server = try program.serve(program.hello)
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        #expect(try await program.run("migrate", "--project", program.hello).code == 1)
    }

    // MARK: Crashes

    /// Starts a command and kills it as soon as a file has so many bytes, or lets it end before that.
    private func kill(_ arguments: [String], when path: String, has bytes: Int) async throws {
        let process = try program.start(arguments)
        while size(path) < bytes, !process.hasEnded { try await Task.sleep(for: .microseconds(200)) }
        process.signal(SIGKILL)
        _ = await process.end()
    }

    private func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : -1
    }

    @Test(arguments: [(".store.tmp", 0), (".store.tmp", 3 << 20), (".tmp", 1), (".tmp", 8 << 20)])
    func `kill -9 in a backup leaves no file of its name, and the next one works`(_ suffix: String, _ bytes: Int) async throws {
        try await program.makeHello()
        let first = try await run()
        try await fatten()
        try await kill(["backup", file, "--project", program.hello], when: file + suffix, has: bytes)
        if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
        #expect(try await runs() == [first])
        #expect(try await program.run("backup", file, "--project", program.hello).code == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
        #expect(left.filter { $0.contains("backup") } == ["backup.tar"])
        #expect(try await program.run("restore", file, "--project", program.hello).code == 0)
    }

    @Test(arguments: [("restore.new/store.db", 3 << 20), ("restore.new/plan.json", 0), ("restore.ready", 0)])
    func `kill -9 in a restore leaves the old store or the new one`(_ path: String, _ bytes: Int) async throws {
        try await program.makeHello()
        let first = try await run()
        try await fatten()
        _ = try await program.run("backup", file, "--project", program.hello)
        let second = try await run()
        try await kill(["restore", file, "--project", program.hello], when: "\(store)/\(path)", has: bytes)
        let found = try await runs()
        #expect(found == [first] || found == [first, second])
        #expect(!FileManager.default.fileExists(atPath: store + "/restore.ready"))
        _ = try await run()
        #expect(try await program.run("restore", file, "--project", program.hello).code == 0)
        #expect(try await runs() == [first])
        #expect(!FileManager.default.fileExists(atPath: store + "/restore.new"))
    }
}
