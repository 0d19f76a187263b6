import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaStorage
import BatutaTesting
import Testing

@Suite struct ProjectEnvironmentTests {
    @Test(arguments: [
        ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("\texport\tA=x y z", "x y z"), ("A=", ""), ("A=\"\"", ""), ("A='a b'", "a b"),
        ("A=\"a\\nb\"", "a\nb"), ("A='a\\nb'", "a\\nb"), ("A=\"a\nb\"", "a\nb"), ("A='a\n#b'", "a\n#b"), ("A=x # comment", "x"),
        ("A=x#y", "x#y"),
        ("A=\"x\" # comment", "x"), ("A=\"a\\\"b\\$c\\\\d\\q\"", "a\"b$c\\d\\q"), ("# A=0\n\nA=1\r\n", "1"), ("A=1\nA=2", "2"),
        ("\u{FEFF}A=1", "1"),
        ("A=é=b", "é=b"), ("A=# nothing", ""), ("export=1\nA=2", "2"),
    ])
    func `S4_52 a line of an environment file gives its value`(text: String, value: String) {
        let file = DotEnv(parsing: Array(text.utf8))
        #expect(file.values["A"] == value)
        #expect(file.problems.isEmpty, "\(file.problems)")
    }

    @Test(arguments: [("A", 1), ("x\nA B=1", 2), ("2A=1", 1), ("A=\"x", 1), ("\n\nA='x\ny\n", 3), ("A=\"x\"y", 1), ("=1", 1), ("A-B=1", 1)])
    func `S0_25 a bad line is told with its number and without its value`(text: String, line: Int) {
        let file = DotEnv(parsing: Array(text.utf8))
        #expect(file.problems.last?.line == line)
        #expect(file.problems.last?.path == ".env")
    }

    @Test func `a bad line does not hide the others`() {
        let file = DotEnv(parsing: Array("A=1\noops\nB=2\n".utf8))
        #expect(file.values == ["A": "1", "B": "2"])
        #expect(file.problems.count == 1)
    }

    @Test(
        arguments: [
            (option: "1", process: "2", file: "3", project: 4, value: "1", source: "--port"),
            (nil, "2", "3", 4, "2", "BATUTA_PORT"), (nil, "", "3", 4, "3", "BATUTA_PORT in .env"),
            (nil, nil, nil, 4, "4", "server.port in batuta.yaml"), (nil, nil, nil, nil, nil, nil),
        ] as [(option: String?, process: String?, file: String?, project: Int?, value: String?, source: String?)]
    )
    func `an option comes before environment, environment file and project`(
        option: String?,
        process: String?,
        file: String?,
        project: Int?,
        value: String?,
        source: String?
    ) throws {
        let view = EnvironmentView(
            process.map { ["BATUTA_PORT": $0] } ?? [:],
            file: file.map { ["BATUTA_PORT": $0] } ?? [:]
        )
        let text = (ProjectFixture.files["batuta.yaml"] ?? "") + (project.map { "\nserver: { port: \($0) }" } ?? "")
        let setting = view.setting("port", option: option, project: ProjectFixture.load(["batuta.yaml": text]).project)
        #expect(setting?.value == value)
        #expect(setting?.source == source)
    }

    @Test func `usual names of variables are found`() {
        let view = EnvironmentView(["DATABASE_URL": "postgres://x"], file: ["BATUTA_PUBLIC_URL": "https://y"])
        #expect(view.setting("database", option: nil, project: nil)?.value == "postgres://x")
        #expect(view.setting("public-url", option: nil, project: nil)?.value == "https://y")
    }

    @Test func `S0_24 one message names everything that is missing`() throws {
        let text = (ProjectFixture.files["batuta.yaml"] ?? "") + "\nrequire_env: [ZED, SHOP_URL]"
        let project = try #require(ProjectFixture.load(["batuta.yaml": text]).project)
        let check = project.check(EnvironmentView([:]), rehearse: false)
        #expect(check.missing == ["SHOP_URL", "SHOP_KEY", "ZED", "CORP_KEY", "OPENAI_API_KEY"])
        #expect(
            check.message?.english.hasPrefix("CRITICAL: Missing environment variables: SHOP_URL, SHOP_KEY, ZED, CORP_KEY, OPENAI_API_KEY\n")
                == true
        )
        #expect(check.message?.english.contains("--rehearse") == true)
        #expect(!check.isRehearsal)
    }

    @Test func `what is missing is told together with what is wrong in the files`() throws {
        let text = (ProjectFixture.files["batuta.yaml"] ?? "") + "\nrequire_env: [ZED]"
        let load = ProjectFixture.load(["batuta.yaml": text, "tools/buy_item.yaml": "description: ["])
        #expect(load.project == nil)
        let check = try #require(load.draft).check(EnvironmentView([:]), rehearse: false)
        let told = load.problems(with: check).report(.english)
        #expect(check.missing == ["SHOP_URL", "SHOP_KEY", "ZED", "CORP_KEY", "OPENAI_API_KEY"])
        #expect(told.contains("batuta.yaml:10: the environment variable ZED is missing (set it"), "\(told)")
        #expect(told.contains("tools/buy_item.yaml:2: this is not valid YAML"), "\(told)")
        let secret =
            "tools/get_item.yaml:11: the secret SHOP_KEY is missing (put it into the vault (batuta secret set SHOP_KEY), or set it in the environment or in .env)"
        #expect(told.contains(secret), "\(told)")
        #expect(ProjectFixture.load(["batuta.yaml": "["]).draft == nil)
    }

    @Test func `S0_19 nothing is missing when everything is set, wherever it stands`() throws {
        let project = try #require(ProjectFixture.load().project)
        let view = EnvironmentView(["SHOP_URL": "http://x", "OPENAI_API_KEY": "k1"], file: ["SHOP_KEY": "k2", "CORP_KEY": "k3"])
        let check = project.check(view, rehearse: false)
        #expect(check.message == nil)
        #expect(check.problems.isEmpty)
        #expect(project.secretValues(in: view) == ["k1", "k2", "k3"])
        #expect(project.providers["corp"]?.key(in: view) == "k3")
        #expect(project.providers["openai"]?.configuration(in: view).apiKey() == "k1")
    }

    @Test func `S3.20 a secret comes from the vault, then from the environment; a variable never from the vault`() async throws {
        let folder = TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/store.db")
        try await database.migrate([Vault.migrations])
        let vault = try await Vault(in: database, source: try MasterKeySource(folder: folder.path, variable: nil), clock: ManualClock())
        try await vault.set("SHOP_KEY", to: "of the vault")
        try await vault.set("SHOP_URL", to: "https://of.the.vault")
        let view = EnvironmentView(["SHOP_KEY": "of the process", "CORP_KEY": "k3"]).with(vault)
        #expect(view.secret("SHOP_KEY") == "of the vault" && view["SHOP_KEY"] == "of the process")
        #expect(view.secret("CORP_KEY") == "k3" && view["SHOP_URL"] == nil)
        #expect(view.place(ofSecret: "SHOP_KEY") == .vault && view.place(ofSecret: "CORP_KEY") == .environment)
        #expect(view.place(ofSecret: "NOTHING") == nil)
        #expect(view.render("${secret.SHOP_KEY}") == "of the vault" && view.render("${env.SHOP_KEY}") == "of the process")
        let keyed = EnvironmentView(["BATUTA_MASTER_KEY": "k"])
        #expect(keyed["BATUTA_MASTER_KEY"] == "k" && keyed.secret("BATUTA_MASTER_KEY") == nil)
        #expect(keyed.render("${env.BATUTA_MASTER_KEY}") == nil)
        let project = try #require(ProjectFixture.load().project)
        #expect(project.check(view, rehearse: false).missing == ["SHOP_URL", "OPENAI_API_KEY"])
        #expect(Set(project.secretValues(in: view)).isSuperset(of: ["of the vault", "of the process", "https://of.the.vault"]))
        await database.close()
    }

    @Test func `rehearsal is chosen, and asks for no model key`() throws {
        let project = try #require(
            ProjectFixture.load(["batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\nrequire_env: [ZED]"]).project
        )
        let check = project.check(EnvironmentView([:]), rehearse: true)
        #expect(check.isRehearsal)
        #expect(check.missing == ["ZED"])
        #expect(check.message?.english.contains("--rehearse") == false)
        #expect(check.problems.warnings.map(\.line) == [10, 11])
    }

    @Test func `rehearsal by itself only when the project says so and no model can be asked`() throws {
        let text = (ProjectFixture.files["batuta.yaml"] ?? "") + "\nrehearsal: when_no_key"
        let project = try #require(ProjectFixture.load(["batuta.yaml": text]).project)
        let tools = ["SHOP_URL": "http://x", "SHOP_KEY": "k"]
        #expect(project.check(EnvironmentView(tools), rehearse: false).isRehearsal)
        let half = project.check(EnvironmentView(tools.merging(["OPENAI_API_KEY": "k"]) { $1 }), rehearse: false)
        #expect(!half.isRehearsal)
        #expect(half.missing == ["CORP_KEY"])
    }

    @Test func `a base_url of one's own needs no usual key, and local providers none at all`() throws {
        let text = """
            models: { default: { provider: openai, model: m }, b: { provider: ollama, model: m } }
            providers: { openai: { base_url: "http://127.0.0.1:9/v1" } }
            """
        let files = ["batuta.yaml": Array(text.utf8), "agents/a.md": Array("Hi".utf8), "agents/b.md": Array("---\nmodel: b\n---\nHi".utf8)]
        let project = try #require(Project.load(files: files).project)
        #expect(project.check(EnvironmentView([:]), rehearse: false).missing.isEmpty)
    }

    @Test func `a single file is a project of its own`() throws {
        let bytes = Array("---\ntools: [current_time]\nmodel: gpt-x\n---\nYou help.".utf8)
        let project = try #require(Project.single(bytes, file: "helper.md", environment: EnvironmentView(["GROQ_API_KEY": "k"])).project)
        #expect(project.defaultTarget == "agent:helper")
        #expect(project.agent(for: nil)?.model.provider == "groq")
        #expect(project.agent(for: nil)?.model.model == "gpt-x")
        let keyless = try #require(Project.single(bytes, file: "helper.md", environment: EnvironmentView([:])).project)
        #expect(keyless.check(EnvironmentView([:]), rehearse: false).missing == ["OPENAI_API_KEY"])
    }

    @Test func `problems of a single file name that file`() {
        let load = Project.single(Array("---\ntools: [nope]\n---\n$x".utf8), file: "my helper.md", environment: EnvironmentView([:]))
        #expect(load.problems.errors.allSatisfy { $0.path == "my helper.md" })
        #expect(load.problems.errors.map(\.line) == [1, 2, 4])
    }
}
