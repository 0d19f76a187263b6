import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// A critical tool of every kind, in the program that was built: a person is asked, and then it happens once.
@Suite(.timeLimit(.minutes(5))) struct ToolKindCommandTests {
    enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case http, sql, python, mcp, agent

        var testDescription: String { rawValue }
        /// As agents name it.
        var tool: String { self == .mcp ? "mcp:docs/effect" : "act_by_\(rawValue)" }
        /// As models know it.
        var wire: String { self == .mcp ? "docs__effect" : tool }
        var arguments: String {
            switch self {
            case .agent: #"{"input":"Do it"}"#
            case .mcp: #"{"name":"x"}"#
            default: #"{"id":"1"}"#
            }
        }
        /// What a model may write instead, and is read as what it means.
        var repaired: String? { self == .http || self == .sql || self == .python ? #"["/id: text read as number"]"# : nil }
    }

    /// A project with one tool of a kind, and what can be seen of what it does.
    struct Bench {
        let program = Program()
        let model: ModelSimulator
        let meta: MetaAdsSimulator
        let kind: Kind
        var folder: String { program.folder.path + "/tools" }

        init(_ kind: Kind) async throws {
            self.kind = kind
            model = try ModelSimulator().start()
            meta = try MetaAdsSimulator([.good])
            try write(
                """
                name: tools
                default: agent:doer
                providers: { local: { kind: openai, base_url: "\(model.baseURL)", api_key: none } }
                models: { default: { provider: local, model: text-5 } }
                require_env: [TRACES]
                \(kind == .sql ? "databases: { done: { url: \"sqlite:done.db\" } }" : "")
                \(kind == .mcp ? mcp : "")
                """,
                to: "batuta.yaml"
            )
            try write("TRACES=\(program.folder.path)/traces\n", to: ".env")
            try write("---\nname: doer\ntools: [\"\(kind.tool)\"]\n---\nYou do things.\n", to: "agents/doer.md")
            try write("---\nname: helper\n---\nYou help.\n", to: "agents/helper.md")
            try await writeTool()
        }

        private var mcp: String {
            let script = #filePath.replacing("CommandTests/ToolKindCommandTests.swift", with: "Support/MCPServer/mcp_server.py")
            let command = "[/usr/bin/python3, \(script), --era, both, --state, \(program.folder.path)]"
            return "mcp: { docs: { command: \(command), tools: { effect: { effect: critical } } } }"
        }

        private func writeTool() async throws {
            let parameters = "{ type: object, properties: { id: { type: integer } }, required: [id], additionalProperties: false }"
            let head = "description: Acts.\neffect: critical\n"
            switch kind {
            case .http:
                let url = "url: \"\(meta.base)/1001\", headers: { Authorization: \"Bearer \(MetaAdsSimulator.token)\" }"
                let request = "http: { method: POST, \(url), body: { status: PAUSED, id: \"${params.id}\" } }"
                try write("\(head)parameters: \(parameters)\n\(request)\n", to: "tools/\(kind.tool).yaml")
            case .sql:
                try await makeDatabase()
                let statement = "sql: { database: done, query: \"insert into done values (:id)\" }"
                try write("\(head)parameters: \(parameters)\n\(statement)\n", to: "tools/\(kind.tool).yaml")
            case .agent: try write("\(head)agent: helper\n", to: "tools/\(kind.tool).yaml")
            case .mcp: break
            case .python:
                try write(String(decoding: try Self.pythonModule(), as: UTF8.self), to: "tools/batuta.py")
                try write(
                    """
                    import os
                    from batuta import tool

                    @tool(effect="critical")
                    def \(kind.tool)(id: int) -> dict:
                        \"""Acts.\"""
                        with open(os.environ["TRACES"], "a") as file: file.write("done\\n")
                        return {"id": id}
                    """,
                    to: "tools/acts.py"
                )
            }
        }

        /// What `batuta new` writes beside Python tools.
        private static func pythonModule() throws -> Data {
            let path = #filePath.replacing("Tests/CommandTests/ToolKindCommandTests.swift", with: "Sources/Shims/CPythonTools/batuta.py")
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }

        private func write(_ text: String, to path: String) throws { try program.write(text, to: "tools/" + path) }

        private func makeDatabase() async throws {
            try program.write("", to: "tools/done.db")
            _ = try await sqlite("create table done (id integer)")
        }

        private func sqlite(_ statement: String) async throws -> String {
            let code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute(sys.argv[2]).fetchall()); c.commit()"
            let outcome = try await SpawnedProcess.run(
                "/usr/bin/python3",
                ["-c", code, folder + "/done.db", statement],
                environment: [:],
                folder: folder
            )
            guard outcome.ending == .exited(0) else { throw Program.Killed(description: outcome.error) }
            return outcome.output
        }

        /// How often it happened.
        func effects() async throws -> Int {
            switch kind {
            case .http: return meta.requests("POST", "/1001")
            case .sql: return try await sqlite("select id from done").split(separator: "(").count - 1
            case .agent: return model.requests.count { $0.json?["messages"]?.text.contains("You help.") == true }
            case .python: return lines("traces")
            case .mcp: return lines("effects")
            }
        }

        private func lines(_ name: String) -> Int {
            let text = (try? String(contentsOfFile: program.folder.path + "/" + name, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").count
        }

        func run(_ words: String...) async throws -> Program.Outcome { try await program.run(all: words + ["--project", folder]) }

        func end() async {
            model.stop()
            await meta.stop()
        }
    }

    private func asks(_ bench: Bench) async throws -> (Program.Outcome, approval: String) {
        bench.model.enqueue(.call(bench.kind.wire, bench.kind.arguments))
        if bench.kind == .agent { bench.model.enqueue(.text("I did it.")) }
        bench.model.enqueue(.text("Done."))
        let asked = try await bench.run("run", "Act", "--json")
        #expect(asked.code == 4, "\(asked.out) \(asked.error)")
        let events = asked.out.split(separator: "\n").compactMap { try? JSON.parse(Array($0.utf8)) }
        let approval = events.first { $0["type"] == "approval" }?["data"]?["approval_id"]?.string
        let call = events.first { $0["type"] == "tool_call" }
        #expect(call?["data"]?["tool"] == .string(bench.kind.tool) && call?["data"]?["effect"] == "critical")
        #expect(call?["data"]?["repairs"]?.text == bench.kind.repaired, "\(call?["data"]?.text ?? "")")
        return (asked, try #require(approval, "\(asked.out)"))
    }

    @Test(arguments: Kind.allCases)
    func `S2.4 S2.45 S2.46 S2.48 a critical call asks, whatever its tool is, and happens once when a person agrees`(_ kind: Kind)
        async throws
    {
        let bench = try await Bench(kind)
        let (_, approval) = try await asks(bench)
        #expect(try await bench.effects() == 0)
        let approved = try await bench.run("approve", approval)
        #expect(approved.code == 0 && approved.out.contains("Done."), "\(approved.out) \(approved.error)")
        #expect(try await bench.effects() == 1)
        let told = bench.model.requests.last?.json?["messages"]?.array?.last?["content"]?.string ?? ""
        #expect(try JSON.parse(told)["success"] == true, "\(told)")
        await bench.end()
    }

    @Test(arguments: Kind.allCases) func `S2.48 a critical call that a person rejects never happens`(_ kind: Kind) async throws {
        let bench = try await Bench(kind)
        let (_, approval) = try await asks(bench)
        let rejected = try await bench.run("reject", approval)
        #expect(rejected.code == 0, "\(rejected.error)")
        #expect(try await bench.effects() == 0)
        await bench.end()
    }
}
