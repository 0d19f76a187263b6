import BatutaCore
import BatutaTesting
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct CommandTests {
    @Test func `from nothing to an answer that used a tool`() async throws {
        let program = Program()
        try await program.makeHello()
        let run = try await program.run("run", "--project", program.hello, "What time is it?")
        #expect(run.code == 0)
        #expect(run.out.contains("It is "))
        #expect(run.error.contains("current_time"))
    }

    @Test func `S2.88 messages follow LANG`() async throws {
        var program = Program()
        program.environment["LANG"] = "pt_BR.UTF-8"
        try await program.makeHello()
        let run = try await program.run("run", "--project", program.hello, "Que horas são?")
        #expect(run.code == 0)
        #expect(run.error.contains("Ensaio:"))
    }

    @Test func `run with json prints one envelope a line, numbered without a gap`() async throws {
        let program = Program()
        try await program.makeHello()
        let run = try await program.run("run", "--json", "--project", program.hello, "What time is it?")
        let events = try run.out.split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(events.compactMap { $0["id"]?.int } == Array(1...Int64(events.count)))
        #expect(events.last?["type"] == "complete")
    }

    @Test func `S2.19 a session goes on in another process`() async throws {
        let program = Program()
        try await program.makeHello()
        let first = try await program.run("run", "--json", "--project", program.hello, "What time is it?")
        let session = try #require(try JSON.parse(String(first.out.split(separator: "\n")[0]))["session_id"]?.string)
        let second = try await program.run("run", "--json", "--project", program.hello, "--session", session, "And now?")
        #expect(second.code == 0)
        #expect(try JSON.parse(String(second.out.split(separator: "\n")[0]))["session_id"]?.string == session)
    }

    @Test(arguments: [
        (["frobnicate"], "There is no command"), (["run", "--sesion", "x", "hi"], "Did you mean --session?"),
        (["show", "ses_1"], "ses_1 is a session; this takes a run: batuta runs lists them."),
        (["stop", "apr_1"], "apr_1 is an approval; this takes a run"), (["rate", "ses_1", "4"], "this takes a run"),
        (["approve", "run_1"], "run_1 is a run; this takes an approval: batuta approvals lists them."),
        (["runs", "--server", "nope"], "--server takes an address such as https://"),
        (["approve", "apr_1", "--arguments", "{bad"], "--arguments is not valid JSON: unexpected character"),
        (["run"], "Usage: batuta run"),
        (["new", "x", "--template", "nope"], "There is no template nope"), (["key", "create"], "Usage: batuta key"),
        (["show"], "Usage: batuta show RUN"), (["serve", "--workers", "x"], "--workers must be a whole number from 1 to 1000000"),
        (["serve", "now"], "`now` is one word too many.\nUsage: batuta serve"), (["version", "x"], "`x` is one word too many."),
        (["runs", "--status", "compleated"], "--status must be one of queued, "),
        (["runs", "--status", "compleated"], "Did you mean completed?"),
        (["run", "--project", "nowhere", "hi"], "There is no folder nowhere."),
    ])
    func `wrong usage is 2 and says what would be right`(_ row: ([String], String)) async throws {
        let program = Program()
        let outcome = try await program.run(all: row.0)
        #expect(outcome.code == 2)
        #expect(outcome.error.contains(row.1))
    }

    @Test func `a target that was misspelt is told with the nearest, wherever it is named`() async throws {
        let program = Program()
        try await program.makeHello()
        for name in ["assistent", "agent:assistent", "team:asistant"] {
            let run = try await program.run("run", "--project", program.hello, name, "hi")
            #expect(run.code == 2 && run.error.contains("Did you mean agent:assistant?"), "\(run)")
            let chat = try await program.run("chat", "--project", program.hello, name)
            #expect(chat.code == 2 && chat.error.contains("Did you mean agent:assistant?"), "\(chat)")
        }
        let nobody = try await program.run("chat", "--project", program.hello, "agent:nope")
        #expect(nobody.code == 2 && !nobody.error.contains("Did you mean") && nobody.error.contains("Targets: agent:assistant."))
    }

    @Test func `an unknown target is wrong usage and names the right ones`() async throws {
        let program = Program()
        try await program.makeHello()
        let run = try await program.run("run", "--project", program.hello, "asistant", "hi")
        #expect(run.code == 2)
        #expect(run.error.contains("agent:assistant"))
    }

    @Test func `S0.24 one message names every missing variable, before anything opens`() async throws {
        let program = Program()
        try program.write(
            "name: x\ndefault: agent:a\nmodels:\n  default: { provider: openai, model: gpt-5-mini }\nrequire_env: [AAA, BBB]\n",
            to: "p/batuta.yaml"
        )
        try program.write("---\nname: a\n---\nHi.\n", to: "p/agents/a.md")
        let run = try await program.run("serve", "--project", "p", "--port", "0")
        #expect(run.code == 1)
        #expect(run.error.contains("CRITICAL: Missing environment variables: AAA, BBB, OPENAI_API_KEY"))
        #expect(run.error.contains("--rehearse"))
        #expect(run.error.contains("\nbatuta.yaml:5: the environment variable AAA is missing ("))
        try program.write("---\ntools: [curent_time]\n---\nHi.\n", to: "p/agents/b.md")
        let both = try await program.run("run", "--project", "p", "a", "hi")
        #expect(both.code == 1)
        #expect(
            both.error.contains("agents/b.md:2: unknown tool") && both.error.contains("CRITICAL: Missing environment variables: AAA, BBB")
        )
    }

    @Test func `check prints every problem with file and line, in file order`() async throws {
        let program = Program()
        try program.write("name: x\ndefault: agent:nobody\nmodles: {}\n", to: "p/batuta.yaml")
        try program.write("---\nname: a\ntools: [curent_time]\n---\nHi $nam.\n", to: "p/agents/a.md")
        let check = try await program.run("check", "p")
        #expect(check.code == 1)
        let places = check.out.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(places.contains("agents/a.md:3:"))
        #expect(places.contains("batuta.yaml:3:"))
        #expect(check.out.contains("current_time"))
    }

    @Test func `S2.88 check, a refusal of the engine and the schemas for editors follow LANG`() async throws {
        var program = Program()
        program.environment["LANG"] = "pt_BR.UTF-8"
        try program.write("name: x\ndefault: agent:nobody\nmodles: {}\n", to: "p/batuta.yaml")
        let check = try await program.run("check", "p")
        #expect(check.code == 1)
        #expect(check.out.contains("batuta.yaml:3: não existe a chave `modles` (você quis dizer `models`"))
        try await program.makeHello()
        let run = try await program.run("run", "--project", program.hello, "asistant", "Oi")
        #expect(run.code == 2)
        #expect(run.error.contains("Não existe asistant neste projeto. Você quis dizer agent:assistant? Existem: agent:assistant."))
        #expect(try await program.run("schema", "tool").out.contains("O nome da ferramenta; sem ele vale o do arquivo."))
        let again = try await program.run("new", program.hello)
        #expect(again.code == 1)
        #expect(again.error.contains("não está vazia"))
    }

    @Test(arguments: [
        ("pt_BR.UTF-8", "Não existe esse arquivo ou essa pasta. Confira o caminho."), ("C", "there is no such file or folder"),
    ])
    func `S2.88 a store that cannot be opened is told in the reader's language`(locale: String, words: String) async throws {
        var program = Program()
        program.environment["LANG"] = locale
        try await program.makeHello()
        let run = try await program.run("runs", "--project", program.hello, "--database", "sqlite:/proc/none/batuta.db")
        #expect(run.code == 1)
        #expect(run.error.contains(words), "\(run.error)")
    }

    @Test func `new refuses a folder that is not empty`() async throws {
        let program = Program()
        try program.write("mine", to: "hello/notes.txt")
        let outcome = try await program.run("new", program.hello)
        #expect(outcome.code == 1)
    }

    @Test func `a key is shown once, and never listed`() async throws {
        let program = Program()
        try await program.makeHello()
        let made = try await program.run("key", "create", "laptop", "--project", program.hello)
        let words = made.out.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(words.count == 2 && words[0].hasPrefix("key_") && words[1].hasPrefix("bat_"))
        let listed = try await program.run("key", "list", "--project", program.hello)
        #expect(listed.out.contains(words[0]) && !listed.out.contains(words[1]))
        #expect(try await program.run("user", "add", "member@example.com", "--project", program.hello).code == 0)
        let theirs = ["key", "create", "theirs", "--user", "member@example.com", "--project", program.hello]
        #expect(try await program.run(all: theirs).code == 0)
        let lines = try await program.run("key", "list", "--project", program.hello).out.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasSuffix("member@example.com  theirs") && lines[1].hasSuffix("  laptop"), "\(lines)")
        let revoked = try await program.run("key", "revoke", words[0], "--project", program.hello)
        #expect(revoked.code == 0 && revoked.error.hasPrefix("Revoked"), "\(revoked)")
        #expect(try await program.run("key", "revoke", words[0], "--project", program.hello).code == 1)
    }

    @Test(arguments: ["en_US.UTF-8", "pt_BR.UTF-8"])
    func `every page of the help fits a terminal of 80 columns`(_ locale: String) async throws {
        var program = Program()
        program.environment["LANG"] = locale
        let overview = try await program.run("help").out
        let rows = overview.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
        let names = rows.map { $0.split(separator: " ")[0] }
        #expect(names.count > 30)
        var pages = [overview]
        for name in names { pages.append(try await program.run(String(name), "--help").out) }
        for line in pages.flatMap({ $0.split(separator: "\n") }) { #expect(line.count <= 80, "\(line)") }
    }

    @Test(arguments: ["project", "agent", "tool", "prompt", "rehearsal"])
    func `schema prints a JSON Schema`(_ kind: String) async throws {
        let schema = try await Program().run("schema", kind)
        #expect(try JSON.parse(schema.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test(arguments: [
        ("en_US.UTF-8", ["run"], "Usage: batuta run [TARGET|FILE.md] \"message\"", true),
        ("pt_BR.UTF-8", ["run"], "Uso: batuta run [ALVO|ARQUIVO.md] \"mensagem\"", true),
        ("pt_BR.UTF-8", ["show"], "Uso: batuta show EXECUÇÃO", false),
    ])
    func `help says how a command is written, in the reader's language`(
        _ row: (locale: String, command: [String], usage: String, rehearses: Bool)
    ) async throws {
        var program = Program()
        program.environment["LANG"] = row.locale
        let help = try await program.run(all: row.command + ["--help"])
        #expect(help.out.contains(row.usage + "\n"))
        #expect(help.out.contains("--rehearse") == row.rehearses)
    }

    @Test func `runs are looked at without the keys that they need`() async throws {
        let program = Program()
        try await program.makeHello()
        let run = try await program.run("run", "--json", "--project", program.hello, "What time is it?")
        let id = try #require(try JSON.parse(String(run.out.split(separator: "\n")[0]))["run_id"]?.string)
        let file = program.hello + "/batuta.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8).replacing("rehearsal: when_no_key", with: "require_env: [ZED]")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await program.run("run", "--project", program.hello, "hi").code == 1)
        #expect(try await program.run("runs", "--project", program.hello).out.contains(id))
        let waiting = try await program.run("approvals", "--project", program.hello)
        #expect(waiting.code == 0 && waiting.error.contains("Nothing waits for you."), "\(waiting.error)")
        let shown = try await program.run("show", id, "--project", program.hello)
        #expect(shown.code == 0 && shown.out.contains("user: What time is it?") && shown.out.contains(" tokens in, "))
        let session = try #require(shown.out.split(separator: "\n").first { $0.hasPrefix("  session ses_") })
        let tailed = try await program.run("tail", id, "--project", program.hello)
        #expect(tailed.code == 2 && tailed.error.contains("is a run; this takes a session"), "\(tailed)")
        let back = ["chat", "--session", String(session.dropFirst("  session ".count)), "--project", program.hello]
        #expect(try await program.run(all: back).code == 1)
    }

    @Test func `show says of a fork of which run it is, at which event, and what was changed`() async throws {
        let program = Program()
        try await program.makeHello()
        let run = try await program.run("run", "--json", "--project", program.hello, "What time is it?")
        let id = try #require(try JSON.parse(String(run.out.split(separator: "\n")[0]))["run_id"]?.string)
        let arguments = ["fork", id, "--from", "2", "--content", "Tell me the time.", "--rehearse", "--project", program.hello]
        let forked = try await program.run(all: arguments)
        let own = try #require(forked.out.split(whereSeparator: \.isWhitespace).dropFirst().first.map(String.init), "\(forked)")
        let shown = try await program.run("show", own, "--project", program.hello).out
        #expect(shown.contains("Forked from \(id) at event 2. What was changed:\n  message:\n"), "\(shown)")
        #expect(shown.contains("    - What time is it?\n    + Tell me the time.\n"), "\(shown)")
        #expect(try await program.run("show", id, "--project", program.hello).out.contains("Forked") == false)
    }

    @Test func `a target's name alone is a message, which is said`() async throws {
        let program = Program()
        try await program.makeHello()
        let meant = try await program.run("run", "--project", program.hello, "assistant")
        #expect(meant.code == 0 && meant.error.contains("To choose the target: batuta run assistant \"message\""), "\(meant)")
        let other = try await program.run("run", "--project", program.hello, "assist")
        #expect(other.code == 0 && !other.error.contains("To choose the target"), "\(other)")
    }

    @Test func `doctor and version answer`() async throws {
        let program = Program()
        let doctor = try await program.run("doctor").out
        #expect(doctor.contains("SQLite") && doctor.contains("open files"))
        #expect(try await program.run("version").out == "batuta \(BatutaVersion.current)\n")
    }

    @Test func `doctor looks at the project: files of Python, keys, budgets and the disk`() async throws {
        var program = Program()
        try program.write(
            """
            name: shop
            models: { default: { provider: openai, model: gpt-5-mini } }
            budgets: { project_per_month: 10.00 }
            """,
            to: "shop/batuta.yaml"
        )
        try program.write("---\ndescription: Sells.\n---\nSell.\n", to: "shop/agents/clerk.md")
        try program.write("import nowhere_to_be_found\n", to: "shop/tools/score.py")
        let doctor = try await program.run("doctor", "--project", program.folder.path + "/shop")
        let lines = doctor.out.split(separator: "\n")
        #expect(
            lines.contains { $0.contains("✗ tools/score.py") && $0.contains("`nowhere_to_be_found` is not installed") },
            "\(doctor.out)"
        )
        #expect(lines.contains { $0.contains("✗ OPENAI_API_KEY") && $0.contains("batuta.yaml:") }, "\(doctor.out)")
        #expect(lines.contains { $0.contains(" disk ") && $0.contains("free for the store") })
        try program.write("def f():\n    pass\n", to: "shop/tools/score.py")
        program.environment["OPENAI_API_KEY"] = "sk-x"
        _ = try await program.run("key", "create", "one", "--project", program.folder.path + "/shop")
        program.environment["LANG"] = "pt_BR.UTF-8"
        let healthy = try await program.run("doctor", "--project", program.folder.path + "/shop")
        #expect(healthy.code == 0 && !healthy.out.contains("score.py") && !healthy.out.contains("OPENAI_API_KEY"))
        #expect(healthy.out.contains("✓ project_per_month") && healthy.out.contains("US$ 10,00"), "\(healthy.out)")
        try program.write(
            "name: shop\nmodels: { default: { provider: openai, model: m } }\nbudgets: { project_per_month: 0 }\n",
            to: "shop/batuta.yaml"
        )
        let spent = try await program.run("doctor", "--project", program.folder.path + "/shop")
        #expect(spent.out.contains("– project_per_month") && spent.out.contains("o orçamento acabou"), "\(spent.out)")
    }

    @Test func `doctor asks the project's servers of tools`() async throws {
        let program = Program()
        let script = #filePath.replacing("CommandTests/CommandTests.swift", with: "Support/MCPServer/mcp_server.py")
        let settings = """
            name: shop
            models: { default: { provider: openai, model: gpt-5-mini } }
            mcp:
              docs: { command: [/usr/bin/python3, "\(script)"] }
              gone: { command: [no-such-program] }
              closed: { command: [/usr/bin/python3, "\(script)"], env: { KEY: "${secret.NOT_THERE}" } }
            """
        try settings.write(toFile: program.folder.path + "/batuta.yaml", atomically: true, encoding: .utf8)
        let doctor = try await program.run("doctor", "--project", program.folder.path)
        #expect(doctor.code == 1, "keys are missing, and a server would not start")
        let lines = doctor.out.split(separator: "\n")
        #expect(lines.contains { $0.contains("✓ mcp:docs") && $0.contains("tools of an MCP server") })
        #expect(lines.contains { $0.contains("– mcp:gone") && $0.contains("there is no program “no-such-program”") })
        #expect(lines.contains { $0.contains("– mcp:closed") && $0.contains("KEY needs a secret") })
    }

    @Test func `a tool that a server does not have is found where it is named, and in a graph it is an error`() async throws {
        let program = Program()
        let script = #filePath.replacing("CommandTests/CommandTests.swift", with: "Support/MCPServer/mcp_server.py")
        try program.write(
            """
            name: shop
            default: team:flow
            models: { default: { provider: ollama, model: m } }
            mcp: { docs: { command: [/usr/bin/python3, "\(script)"], tools: { efect: { effect: critical }, "er*": { effect: critical } } } }
            """,
            to: "shop/batuta.yaml"
        )
        try program.write("---\ndescription: Works.\ntools:\n  - mcp:docs/ad\n---\nWork.\n", to: "shop/agents/clerk.md")
        let graph = """
            mode: graph
            start: clerk
            nodes:
              clerk: { agent: clerk }
              sum: { tool: "mcp:docs/TOOL", arguments: { a: 1, b: 2 } }
            edges: [{ from: clerk, to: sum }, { from: sum, to: end }]
            """
        try program.write(graph.replacing("TOOL", with: "add"), to: "shop/teams/flow.yaml")
        let warned = try await program.run("check", "shop")
        let ofAgent = "agents/clerk.md:4: warning: the server `docs` has no tool `ad` (did you mean `mcp:docs/add`?)"
        #expect(warned.code == 0 && warned.out.contains(ofAgent), "\(warned)")
        let idle =
            "batuta.yaml:4: warning: mcp.docs.tools: the server has no tool `efect`, so the rule holds for nothing (did you mean `effect`?)"
        #expect(warned.out.contains(idle) && !warned.out.contains("`er*`"), "\(warned)")
        try program.write(graph.replacing("TOOL", with: "addd"), to: "shop/teams/flow.yaml")
        let refused = try await program.run("check", "shop")
        let ofGraph = "teams/flow.yaml:5: the server `docs` has no tool `addd` (did you mean `mcp:docs/add`?)"
        #expect(refused.code == 1 && refused.out.contains(ofGraph) && refused.out.contains(ofAgent), "\(refused)")
    }

    @Test func `one Markdown file is enough, in rehearsal`() async throws {
        let program = Program()
        try program.write("---\nname: helper\n---\nYou help.\n", to: "helper.md")
        let run = try await program.run("run", "--rehearse", "./helper.md", "hi")
        #expect(run.code == 0)
        #expect(!run.out.isEmpty)
    }
}
