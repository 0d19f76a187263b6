import BatutaAgents
import BatutaCore
import BatutaTesting
import BatutaTools
import Glibc
import Synchronization
import Testing

/// Python tools as a folder brings them, described by a real interpreter.
@Suite(.timeLimit(.minutes(5))) struct `Loading Python tools` {
    private static let settings = """
        name: ads
        models: { default: { provider: openai, model: gpt-5-mini } }
        require_env: [TOKEN]
        """
    private static let agent = "---\ntools: [pause, \"get_*\"]\n---\nYou pause campaigns."
    private static let tools = """
        import os
        from helpers import double
        from batuta import tool, Context

        KEY = os.environ["TOKEN"]
        assert "SECRET_OF_THE_SERVER" not in os.environ

        @tool(effect="critical", idempotent=True, timeout="5s", retry="meta", invalidates=["campaigns"])
        def pause(campaign_id: str, reason: str = "", context: Context = None) -> dict:
            \"\"\"Pauses one campaign.

            Args:
                campaign_id: Its number.
            \"\"\"
            return {"id": campaign_id}

        @tool(effect="read", cache={"ttl": "2m", "tags": ["campaigns"]})
        def get_campaign(id: int) -> dict:
            "Gets one."
            return {"id": double(id)}
        """

    private func folder(_ tools: String = tools) throws -> ProjectTestFolder {
        let folder = try ProjectTestFolder()
        try folder.write(Self.settings, to: "batuta.yaml")
        try folder.write(Self.agent, to: "agents/assistant.md")
        try folder.write(tools, to: "tools/ads.py")
        try folder.write("def double(n): return n * 2\n", to: "tools/helpers.py")
        try folder.write("raise SystemExit('never imported')\n", to: "tools/batuta.py")
        return folder
    }

    private let environment = EnvironmentView(["TOKEN": "t", "SECRET_OF_THE_SERVER": "s", "PATH": "/usr/bin:/usr/local/bin:/bin"])

    @Test func `an import that does not end is told with the line where it hangs`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let files = ["slow.py": "import time\n\ndef wait(): time.sleep(600)\n\nwait()\n", "good.py": "def plain(x: int): return x\n"]
        for (name, text) in files { try folder.write(text, to: "tools/\(name)") }
        let describer = PythonDescriber(
            folder: folder.path,
            surroundings: PythonSurroundings(variables: [:]),
            importLimit: .seconds(1)
        ) { environment.variable($0) }
        let found = await describer.describe(files.mapValues { Array($0.utf8) }).files
        #expect(found["slow.py"]?.problems == [PythonManifest.Problem(.slow, line: 3, message: "1")])
        #expect(found["good.py"]?.problems == [])
    }

    @Test func `whoever waits for a slow import is told of its file, and of how long it may take`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        // The import goes on as soon as it was told of.
        let path = folder.path + "/told"
        let text = "import os, time\nwhile not os.path.exists('\(path)'): time.sleep(0.02)\n"
        let files = ["slow.py": text, "good.py": "def plain(x: int): return x\n"]
        for (name, text) in files { try folder.write(text, to: "tools/\(name)") }
        let told = Mutex<[String]>([])
        let describer = PythonDescriber(
            folder: folder.path,
            surroundings: PythonSurroundings(variables: [:]),
            whenSlow: { file, limit in
                told.withLock { $0.append("\(file) \(limit.components.seconds)") }
                if let made = fopen(path, "w") { fclose(made) }
            }
        ) { environment.variable($0) }
        let found = await describer.describe(files.mapValues { Array($0.utf8) }).files
        #expect(found["slow.py"]?.problems == [] && told.withLock { $0 }.contains("slow.py 45"), "\(found)")
    }

    @Test func `schema, effect and clauses come from the function`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let load = await Project.load(folder: folder.path, in: environment)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let project = try #require(load.project)
        #expect(project.agents["assistant"]?.tools == ["pause", "get_campaign"])
        let pause = try #require(project.pythonTools.first { $0.definition.name == "pause" })
        #expect(pause.definition.description == "Pauses one campaign.")
        #expect(pause.definition.effect == .critical)
        #expect(pause.definition.idempotent)
        #expect(pause.definition.retry.timeout == .seconds(5))
        #expect(pause.invalidates == ["campaigns"])
        #expect(
            pause.definition.parameters == [
                "type": "object",
                "properties": [
                    "campaign_id": ["type": "string", "description": "Its number."], "reason": ["type": "string", "default": ""],
                ], "required": ["campaign_id"], "additionalProperties": false,
            ]
        )
        #expect(project.pythonTools.first { $0.definition.name == "get_campaign" }?.cache?.ttl == .seconds(120))
    }

    @Test func `conditions and settlements are part of the mark`() async throws {
        let folder = try folder(
            """
            from batuta import tool

            @tool(effect="critical", check=[("size(params.reason) < 500", "Keep it short.")],
                  settle={"tool": "get_campaign", "arguments": {"id": "${params.id}"}, "within": "5s", "done": "timestamp(result.at) >= call.started_at"})
            def pause(id: int, reason: str = "") -> dict:
                "Pauses one."

            @tool(effect="read")
            def get_campaign(id: int) -> dict:
                "Gets one."
            """
        )
        defer { withExtendedLifetime(folder) {} }
        let load = await Project.load(folder: folder.path, in: environment)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let pause = try #require(load.project?.pythonTools.first { $0.definition.name == "pause" })
        #expect(pause.checks == [.init(condition: "size(params.reason) < 500", message: "Keep it short.")])
        #expect(pause.definition.settles)
        #expect(pause.settlement?.tool == "get_campaign")
        #expect(pause.settlement?.within == .seconds(5))
    }

    @Test func `PROJECT kind python names a function, whose hints say what it takes`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        try folder.write(
            """
            description: Doubles a number.
            effect: read
            check: [{ that: "params.n < 100", message: "Too much." }]
            settle: { tool: get_campaign, arguments: { id: "${params.n}" }, done: "call.id != ''" }
            python: { file: numbers_of.py, function: double }
            """,
            to: "tools/double.yaml"
        )
        try folder.write("def double(n: int, by: float = 2): return n * by\n", to: "tools/numbers_of.py")
        try folder.write(Self.agent.replacing("pause, ", with: "pause, double, "), to: "agents/assistant.md")
        let load = await Project.load(folder: folder.path, in: environment)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let project = try #require(load.project)
        #expect(project.agents["assistant"]?.tools == ["pause", "double", "get_campaign"])
        let double = try #require(project.pythonTools.first { $0.definition.name == "double" })
        #expect(double.file == "numbers_of.py" && double.function == "double")
        #expect(double.definition.parameters["required"] == ["n"])
        #expect(double.definition.parameters["properties"]?["by"] == ["type": "number", "default": 2])
        #expect(double.checks.count == 1)
        let again = try #require(ProjectSnapshot(bytes: project.snapshot.bytes)?.load().project)
        #expect(again.pythonTools.map(\.definition.name) == project.pythonTools.map(\.definition.name))
    }

    @Test func `DESIGN 9_18 a snapshot has the files and what Python said of them`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let project = try #require(await Project.load(folder: folder.path, in: environment).project)
        let restored = try #require(ProjectSnapshot(bytes: project.snapshot.bytes))
        let again = try #require(restored.load().project, "\(restored.load().report(.english))")
        #expect(again.snapshot.hash == project.snapshot.hash)
        #expect(again.pythonTools.map(\.definition.name) == project.pythonTools.map(\.definition.name))
        #expect(again.pythonFiles == project.pythonFiles)
        #expect(again.pythonFiles["helpers.py"] != nil)
    }

    @Test(
        arguments: [
            ("def pause(:\n", "tools/ads.py:1: SyntaxError: invalid syntax"),
            (
                "import nowhere_to_be_found\n",
                "tools/ads.py:1: the module `nowhere_to_be_found` is not installed (install it in the project's own"
            ),
            ("import os\nX = os.environ['NOT_NAMED']\n", "tools/ads.py:2: KeyError: 'NOT_NAMED'"),
            ("import sys\nsys.exit(3)\n", "tools/ads.py:2: SystemExit: 3"),
            ("import os\nos.kill(os.getpid(), 9)\n", "tools/ads.py:1: Python could not look at the file: Python was ended by signal 9"),
            ("from batuta import tool\n\n@tool()\ndef pause(id: str):\n    'x'\n", "tools/ads.py:3: `pause` does not say its effect"),
            (
                "from batuta import tool\n\n@tool(effect='read')\ndef pause(id: bytes):\n    'x'\n",
                "tools/ads.py:3: `pause`: parameter `id`: no JSON can be read as bytes"
            ),
        ]
    ) func `what is wrong is told with its line, and agents' names are no further mistakes`(code: String, words: String) async throws {
        let folder = try folder(code)
        defer { withExtendedLifetime(folder) {} }
        let load = await Project.load(folder: folder.path, in: environment)
        #expect(load.project == nil)
        let told = load.problems.errors.map { $0.text(.english) }
        #expect(told.contains { $0.hasPrefix(words) }, "\(told)")
        #expect(!told.contains { $0.hasPrefix("agents/") }, "\(told)")
    }

    @Test func `a keyword that the mark does not know hides nothing else that is wrong in the file`() async throws {
        let code = """
            from batuta import tool

            @tool(effect="read", timout="5s")
            def pause(id: str):
                'x'

            @tool(effect="reed")
            def start(id: bytes):
                'x'
            """
        let folder = try folder(code)
        defer { withExtendedLifetime(folder) {} }
        let load = await Project.load(folder: folder.path, in: environment)
        let told = load.problems.errors.map { $0.text(.english) }
        #expect(told.contains("tools/ads.py:3: `pause`: @tool has no `timout` (did you mean `timeout`?)"), "\(told)")
        #expect(told.contains { $0.hasPrefix("tools/ads.py:7: `start`: `reed` is no effect") }, "\(told)")
        #expect(told.contains { $0.hasPrefix("tools/ads.py:7: `start`: parameter `id`") }, "\(told)")
        #expect(load.problems.errors.map { $0.text(.portuguese) }.contains { $0.contains("@tool não tem `timout`") })
    }

    @Test func `two files with the same tool are an error`() async throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        try folder.write("from batuta import tool\n@tool(effect='read')\ndef pause():\n    'x'\n", to: "tools/more.py")
        let told = await Project.load(folder: folder.path, in: environment).problems.errors.map { $0.text(.english) }
        #expect(told == ["tools/more.py:2: there is another tool `pause`"])
    }
}
