import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// A graph as it is met in a terminal: what works, where it goes on, what it asks.
@Suite(.timeLimit(.minutes(2))) struct GraphCommandTests {
    private static func program() throws -> Program {
        let program = Program()
        try program.write(
            "name: desk\ndefault: team:flow\nrehearsal: when_no_key\nmodels: { default: { provider: rehearsal, model: x } }\n",
            to: "desk/batuta.yaml"
        )
        try program.write("---\ndescription: Writes.\n---\nWrite.\n", to: "desk/agents/writer.md")
        try program.write("scripts:\n  - say: \"A text.\"\n", to: "desk/rehearsals/all.yaml")
        try program.write(
            """
            mode: graph
            start: draft
            nodes:
              draft: { agent: writer }
              now: { tool: current_time }
              confirm:
                human:
                  question: "Publish?"
                  fields:
                    channel: { enum: ["it's mail", blog] }
                    count: { type: integer, minimum: 3 }
                    sure: { type: boolean }
                    day: { type: string, format: date }
                    tags: { type: array, items: { type: string, minLength: 2 }, minItems: 2 }
                    memo: { type: string, required: false }
            edges:
              - { from: draft, to: now, when: "input == 'never'" }
              - { from: draft, to: confirm, else: true }
              - { from: now, to: confirm }
              - { from: confirm, to: end }
            """,
            to: "desk/teams/flow.yaml"
        )
        return program
    }

    private static func folder(_ program: Program) -> String { program.folder.path + "/desk" }

    /// The first identifier of a kind in a text.
    private static func identifier(_ prefix: String, in text: String) -> String? {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.first { $0.hasPrefix(prefix) }.map(String.init)
    }

    @Test func `a node and the edge that is taken are named, and the printed answer can be pasted as it is`() async throws {
        let program = try Self.program()
        let asked = try await program.run("run", "--project", Self.folder(program), "Go")
        #expect(asked.code == 4)
        #expect(
            asked.error.contains("● draft (writer)\n") && asked.error.contains("✓ draft (") && asked.error.contains("draft ➝ confirm\n")
        )
        #expect(!asked.error.contains("delegate"))
        let line = try #require(asked.error.split(separator: "\n").first { $0.contains("batuta approve") })
        #expect(!line.contains("memo") && line.contains("--project"))
        let pasted = try program.start("/bin/sh", ["-c", String(line).replacing("batuta approve", with: "\(Program.path) approve")])
        #expect(await pasted.end() == .exited(0))
        let runs = try await program.run("runs", "--project", Self.folder(program))
        let run = try #require(
            runs.out.split(separator: "\n").first { $0.contains("team:flow") }?.split(separator: " ").first.map(String.init)
        )
        let shown = try await program.run("show", run, "--project", Self.folder(program))
        #expect(shown.out.contains("draft ➝ confirm") && shown.out.contains("confirm ➝ end") && shown.out.contains("draft (writer)"))
        #expect(!shown.out.contains("edges 1.1"))
        let events = try await program.run("show", run, "--json", "--project", Self.folder(program))
        let lines = try events.out.split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(lines[0]["id"]?.string == run && lines[0]["status"] == "completed")
        let answer = lines.first { $0["type"] == "tool_result" && $0["data"]?["tool"] == "ask_person" }?["data"]
        #expect(answer?["data"]?["count"] == 3 && answer?["data"]?["channel"] == "it's mail" && answer?["data"]?["sure"] == true)
        #expect(try shown.out.contains(#require(answer?["call_id"]?.string)))
    }

    @Test(arguments: ["en_US.UTF-8", "pt_BR.UTF-8"])
    func `a question that waits in a conversation is asked when the conversation goes on`(_ locale: String) async throws {
        var program = try Self.program()
        program.environment["LANG"] = locale
        let folder = Self.folder(program)
        let asked = try await program.run("run", "--project", folder, "--json", "Go")
        let session = try #require(Self.identifier("ses_0", in: asked.out))
        // What does not fit is asked again at once, with the reason; so is what may not be left out.
        let answers = "a\npaper\n\nblog\n2\n7\ntrue\n2026-12-01\n[\"ab\",\"cd\"]\n\n"
        let chat = try await program.run("chat", "--session", session, "--project", folder, input: answers)
        #expect(chat.code == 0 && chat.out.contains("A text."), "\(chat)")
        #expect(chat.error.contains(locale == "en_US.UTF-8" ? "Here somebody has to decide:" : "Aqui falta decidir:"))
        let reasons = chat.error.split(separator: "\n").filter { $0.hasPrefix("channel ") || $0.hasPrefix("count ") }
        #expect(reasons.count == 3 && reasons[2].contains("3"), "\(chat)")
        #expect(chat.error.hasSuffix("batuta chat --session \(session) --project \(folder)\n"), "\(chat)")
        #expect(chat.error.contains("? Publish?") && chat.out.contains(locale == "en_US.UTF-8" ? "memo (optional) ▸" : "memo (opcional) ▸"))
        #expect(try await program.run("approvals", "--project", folder).out.isEmpty)
        let none = try await program.run("chat", "--session", "ses_nope", "--project", folder)
        #expect(none.code == 1 && none.error.contains("ses_nope"))
    }

    @Test(arguments: [("en_US.UTF-8", "l\n", "Left for later"), ("pt_BR.UTF-8", "d\n", "Ficou para depois")])
    func `a question that is left for later says how it is answered then`(_ locale: String, _ keys: String, _ words: String) async throws {
        var program = try Self.program()
        program.environment["LANG"] = locale
        let folder = Self.folder(program)
        let chat = try await program.run("chat", "--project", folder, input: "Go\n" + keys)
        #expect(chat.code == 0 && chat.error.contains(words), "\(chat)")
        let approval = try #require(Self.identifier("apr_0", in: chat.error))
        #expect(chat.error.contains("  batuta reject \(approval) --project \(folder)\n"), "\(chat)")
        let rejected = try await program.run("reject", approval, "--project", folder)
        #expect(rejected.out.contains("rejected"), "\(rejected)")
    }

    @Test func `a fork of a graph with other instructions is refused with what can be changed`() async throws {
        let program = try Self.program()
        let asked = try await program.run("run", "--project", Self.folder(program), "--json", "Go")
        let run = try #require(Self.identifier("run_0", in: asked.out))
        let refused = try await program.run("fork", run, "--from", "4", "--instructions", "Short.", "--project", Self.folder(program))
        #expect(refused.code == 1 && refused.error.contains("flow is a graph") && refused.error.contains("agents/writer.md"), "\(refused)")
    }
}
