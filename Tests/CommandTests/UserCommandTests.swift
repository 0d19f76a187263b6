import BatutaCore
import BatutaTesting
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct UserCommandTests {
    static let password = "correct horse battery"

    static let refusals: [(words: [String], code: Int32)] = [
        (["user"], 2), (["user", "add"], 2), (["user", "add", "nobody"], 2), (["user", "add", "a@b.c", "--role", "king"], 2),
        (["user", "role", "usr_local", "king"], 2), (["user", "role", "usr_local", "member"], 1), (["user", "disable", "usr_local"], 1),
        (["user", "disable", "nobody@example.com"], 1), (["user", "link", "nobody@example.com"], 1),
        (["user", "add", "a@b.c", "--password-stdin"], 1), (["user", "password", "usr_local"], 2),
        (["key", "create", "k", "--user", "nobody@example.com"], 1),
    ]

    @Test func `somebody is added, listed, given a role, disabled and brought back`() async throws {
        let program = Program()
        try await program.makeHello()
        let made = try await program.run(
            "user",
            "add",
            "Ana@Example.com",
            "--role",
            "builder",
            "--password-stdin",
            "--project",
            program.hello,
            input: Self.password + "\n"
        )
        #expect(made.code == 0)
        let words = made.out.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(words.count == 2 && words[0].hasPrefix("usr_") && words[1] == "ana@example.com")
        func line() async throws -> String {
            let lines = try await program.run("user", "list", "--project", program.hello).out.split(separator: "\n")
            #expect(lines.count == 2 && lines.contains { $0.hasPrefix("usr_local") && $0.contains("owner") })
            return lines.first { $0.contains("ana@example.com") }.map(String.init) ?? ""
        }
        #expect(try await line().contains("builder"))
        let raised = try await program.run("user", "role", "ANA@example.com", "admin", "--project", program.hello)
        #expect(raised.code == 0 && raised.error == "ANA@example.com is admin now.\n")
        let key = try await program.run("key", "create", "k", "--user", "ana@example.com", "--project", program.hello)
        #expect(key.error == "The key acts as ana@example.com, and does no more than the role admin allows.\n")
        #expect(try await line().contains("admin"))
        #expect(try await program.run("user", "disable", words[0], "--project", program.hello).code == 0)
        #expect(try await line().contains("disabled"))
        #expect(try await program.run("user", "enable", "ana@example.com", "--project", program.hello).code == 0)
        #expect(try await !line().contains("disabled"))
    }

    @Test(arguments: refusals)
    func `what cannot be done says why`(_ row: (words: [String], code: Int32)) async throws {
        let program = Program()
        try await program.makeHello()
        let outcome = try await program.run(all: row.words + ["--project", program.hello], input: "short\n")
        #expect(outcome.code == row.code)
        #expect(outcome.error.count > 20 && outcome.out.isEmpty)
    }

    @Test func `texts about people follow LANG`() async throws {
        var program = Program()
        program.environment["LANG"] = "pt_BR.UTF-8"
        try await program.makeHello()
        let outcome = try await program.run("user", "disable", "usr_local", "--project", program.hello)
        #expect(outcome.error.contains("último owner"))
    }

    @Test func `a link can be made before anything serves`() async throws {
        let program = Program()
        try await program.makeHello()
        let link = try await program.run("user", "link", "--project", program.hello, "--public-url", "https://batuta.example/")
        #expect(link.code == 0)
        #expect(link.out.hasPrefix("https://batuta.example/signin?token="))
    }

    @Test func `a link of a project that nothing serves says at which address it will work, by the project's own port`() async throws {
        var program = Program()
        try await program.makeHello()
        let file = URL(fileURLWithPath: program.hello + "/batuta.yaml")
        try Data((String(contentsOf: file, encoding: .utf8) + "\nserver: { port: 8123 }\n").utf8).write(to: file)
        for (locale, words) in [("C", "once batuta serve --project"), ("pt_BR.UTF-8", "assim que batuta serve --project")] {
            program.environment["LANG"] = locale
            let link = try await program.run("user", "link", "--project", program.hello)
            #expect(link.out.hasPrefix("http://127.0.0.1:8123/signin?token="))
            #expect(link.error.contains(words) && link.error.contains("http://127.0.0.1:8123."))
        }
        let other = try await program.run("user", "link", "--project", program.hello, "--port", "9000")
        #expect(other.out.hasPrefix("http://127.0.0.1:9000/signin"))
    }

    @Test(
        arguments: [
            ["user", "link"], ["user", "list"], ["key", "list"], ["key", "create", "k"], ["secret", "list"], ["secret", "set", "A"],
            ["secret", "remove", "A"], ["secret", "rotate"], ["runs"], ["show", "run_1"], ["tail"], ["approvals"], ["approve", "apr_1"],
            ["reject", "apr_1"],
        ]
    )
    func `a folder with neither a project nor a store is the wrong one, and stays as it is`(_ words: [String]) async throws {
        let program = Program()
        try program.write("mine", to: "notes.txt")
        let outcome = try await program.run(all: words, input: "value\n")
        #expect(outcome.code == 2 && outcome.out.isEmpty)
        #expect(outcome.error.contains("--project DIR"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder.path) == ["notes.txt"])
    }

    @Test func `a store without its project is enough`() async throws {
        let program = Program()
        try await program.makeHello()
        _ = try await program.run("user", "add", "ana@example.com", "--project", program.hello)
        try FileManager.default.removeItem(atPath: program.hello + "/batuta.yaml")
        #expect(try await program.run("user", "list", "--project", program.hello).out.contains("ana@example.com"))
    }
}
