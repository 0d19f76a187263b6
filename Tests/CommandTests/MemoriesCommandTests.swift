import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// `batuta memories`: what is known of people, from the terminal.
@Suite(.timeLimit(.minutes(10))) struct MemoriesCommandTests {
    private func program() async throws -> Program {
        let program = Program()
        try await program.makeHello()
        return program
    }

    private func memories(_ program: Program, _ words: String...) async throws -> Program.Outcome {
        try await program.run(all: ["memories"] + words + ["--project", program.hello])
    }

    @Test func `facts are added, replaced, found by their words, deleted one by one and altogether`() async throws {
        let program = try await program()
        let added = try await memories(program, "add", "Orçamento de R$ 100 & mais.", "--namespace", "ads", "--about", "orçamento")
        #expect(added.code == 0 && added.out.hasPrefix("mem_"), "\(added.error)")
        let replaced = try await memories(program, "add", "Orçamento de R$ 250.", "--namespace", "ads", "--about", "ORÇAMENTO")
        #expect(replaced.out.prefix(30) == added.out.prefix(30), "the same subject is the same memory")
        _ = try await memories(program, "add", "Lives in Natal.", "--namespace", "home")
        #expect(try await memories(program).out.split(separator: "\n").count == 2)
        let found = try await memories(program, "--query", "orcamentos?&x")
        #expect(found.out.contains("[ORÇAMENTO] Orçamento de R$ 250.") && !found.out.contains("Natal"))
        #expect(try await memories(program, "--namespace", "home").out.contains("Lives in Natal."))
        #expect(try await memories(program, "namespaces").out.split(separator: "\n").map { $0.prefix(4) } == ["ads ", "home"])
        let id = String(found.out.prefix { $0 != " " })
        #expect(try await memories(program, "delete", id).code == 0)
        let again = try await memories(program, "delete", id)
        #expect(again.code == 1 && again.error.contains("There is no memory \(id)"))
        let unsure = try await memories(program, "forget")
        #expect(unsure.code == 2 && unsure.error.contains("This forgets 1 memory for good; say so with --yes."), "\(unsure)")
        #expect(try await memories(program).out.contains("Lives in Natal."))
        #expect(try await memories(program, "forget", "--yes").error.contains("Forgotten: 1."))
        #expect(try await memories(program).error.contains("Nothing is remembered."))
    }

    @Test func `a fact is corrected in its place, and a namespace that there is not is an error with the nearest`() async throws {
        var program = try await program()
        let added = try await memories(program, "add", "Lives in Natal.", "--namespace", "home", "--about", "city")
        let id = String(added.out.prefix { $0 != " " })
        let edited = try await memories(program, "edit", id, "Lives in Recife.")
        #expect(edited.code == 0 && edited.out.contains(id) && edited.out.contains("[city] Lives in Recife."), "\(edited)")
        #expect(try await memories(program).out.split(separator: "\n").count == 1)
        #expect(try await memories(program, "edit", "run_x", "No.").code == 2)
        let unknown = try await memories(program, "--namespace", "hme")
        let expected = "Nothing is remembered in the namespace hme. Did you mean home? There are: home."
        #expect(unknown.code == 2 && unknown.error.contains(expected), "\(unknown)")
        let kept = try await memories(program, "forget", "--namespace", "hme", "--yes")
        #expect(kept.code == 2)
        program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await memories(program, "forget", "--namespace", "home").error.contains("Isto apaga 1 memória para sempre"))
        #expect(try await memories(program, "forget", "--namespace", "home", "--yes").error.contains("Memórias apagadas: 1."))
    }

    @Test func `an admin names another by e-mail, and sees what is theirs only`() async throws {
        let program = try await program()
        _ = try await program.run("user", "add", "member@example.com", "--project", program.hello)
        _ = try await memories(program, "add", "Mine.", "--namespace", "n")
        let others = try await memories(program, "--user", "Member@example.com")
        #expect(others.code == 0 && others.error.contains("Nothing is remembered."))
        let unknown = try await memories(program, "--user", "nobody@example.com")
        #expect(unknown.code == 1 && unknown.error.contains("There is no user nobody@example.com."))
        #expect(try await memories(program, "forget", "--user", "member@example.com").error.contains("Forgotten: 0."))
        #expect(try await memories(program).out.contains("Mine."))
    }

    @Test func `who adds a fact is told which agents read it, or that none does`() async throws {
        var program = try await program()
        let unread = try await memories(program, "add", "Lives in Natal.", "--namespace", "home")
        #expect(unread.error.contains("No agent reads the namespace home. An agent does with memory: { user: true }"), "\(unread)")
        try program.write("---\ndescription: Sells.\nmemory: { user: true, namespace: shop }\n---\nSell.\n", to: "hello/agents/clerk.md")
        let read = try await memories(program, "add", "Likes tulips.", "--namespace", "shop")
        #expect(read.error == "Who reads it: clerk.\n", "\(read)")
        program.environment["LANG"] = "pt_BR.UTF-8"
        let nameless = try await memories(program, "add", "Likes tulips.")
        #expect(nameless.code == 2 && nameless.error.contains("Os agentes leem: shop."), "\(nameless)")
        let misspelt = try await memories(program, "add", "Likes tulips.", "--namespace", "shpo")
        #expect(misspelt.code == 0 && misspelt.error.contains("Você quis dizer shop? Os agentes leem: shop."), "\(misspelt)")
        let spaces = try await memories(program, "namespaces").out.split(separator: "\n")
        #expect(spaces.contains { $0.hasPrefix("shop  1 ") && $0.hasSuffix("lido por clerk") }, "\(spaces)")
    }

    @Test(arguments: [["add", "x"], ["delete", "run_x"], ["forget", "all"], ["grow"], ["delete"]])
    func `what is no command is wrong usage, in the reader's language`(_ words: [String]) async throws {
        var program = try await program()
        let english = try await program.run(all: ["memories"] + words + ["--project", program.hello])
        program.environment["LANG"] = "pt_BR.UTF-8"
        let portuguese = try await program.run(all: ["memories"] + words + ["--project", program.hello])
        #expect(english.code == 2 && portuguese.code == 2)
        #expect(!english.error.isEmpty && english.error != portuguese.error)
    }

    @Test func `many facts come page by page`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        for number in 0..<203 {
            _ = try await server.send("POST", "/v1/memories", ["fact": .string("Fact number \(number)."), "namespace": "n"])
        }
        #expect(try await shop.run("memories").out.split(separator: "\n").count == 203)
        for number in 0..<203 {
            _ = try await server.send("POST", "/v1/users", ["email": .string("member\(number)@example.com"), "role": "member"])
        }
        let oldest = try await shop.run("memories", "--user", "member0@example.com")
        #expect(oldest.code == 0 && oldest.error.contains("Nothing is remembered."), "\(oldest)")
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `the simulated model finds what is worth remembering where a message says so, and nothing elsewhere`() async throws {
        let shop = try Shop()
        let project = try String(contentsOfFile: shop.folder + "/batuta.yaml", encoding: .utf8)
        try shop.program.write(project.replacing("model: text-5", with: "model: talk"), to: "shop/batuta.yaml")
        try shop.program.write(
            "---\nname: clerk\ndescription: Sells.\nmemory: { user: true, extract: true }\n---\nYou sell.\n",
            to: "shop/agents/clerk.md"
        )
        let served = try await shop.serve()
        for message in ["Hello.", "fact: Lives in Recife."] {
            #expect(try await shop.run("run", message).code == 0)
        }
        try await Deadline.look(for: "a fact") { try await served.send("GET", "/v1/memories")["data"]?.array?.isEmpty == false }
        let facts = try await served.send("GET", "/v1/memories")["data"]?.array?.compactMap { $0["fact"]?.string ?? $0["text"]?.string }
        #expect(facts == ["Lives in Recife."])
        #expect(!served.printed.contains("list of facts"), "\(served.printed)")
        await served.end(SIGTERM)
    }
}
