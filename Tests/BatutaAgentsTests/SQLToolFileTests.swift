import BatutaAgents
import BatutaCore
import BatutaStorage
import BatutaTools
import Testing

/// `databases` and `sql` in a project's files.
@Suite struct SQLToolFileTests {
    private static let tool = """
        description: Finds a patient.
        effect: read
        parameters:
          type: object
          properties: { id: { type: string } }
          required: [id]
          additionalProperties: false
        sql:
          database: clinic
          query: "select * from patients where id = :id and doctor = :me"
          rows: one
          values: { me: "${user.id}" }
        """
    private static let databases = """
        databases:
          clinic: { url: "${secret.CLINIC_URL}", pool: { min: 2, max: 4 }, timeout: 7s }
        """

    private static func load(_ tool: String = Self.tool, databases: String = Self.databases) -> ProjectLoad {
        ProjectFixture.load([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\n" + databases,
            "tools/find_patient.yaml": tool,
        ])
    }

    @Test func `a tool has its statement, its database, and the profile of databases`() throws {
        let load = Self.load()
        let project = try #require(load.project, "\(load.problems)")
        let tool = try #require(project.sqlTools.first)
        #expect(tool.definition.name == "find_patient")
        #expect(tool.database == "clinic")
        #expect(tool.statement.names == ["id", "me"])
        #expect(tool.rows == .one)
        #expect(tool.values == ["me": "${user.id}"])
        #expect(tool.limit == 1_000)
        #expect(tool.definition.retry.attempts == 1)
        #expect(tool.definition.retry.timeout == .seconds(7))
        let database = try #require(project.databases["clinic"])
        #expect(database.url == "${secret.CLINIC_URL}")
        #expect(database.minimumConnections == 2)
        #expect(database.maximumConnections == 4)
        #expect(project.references.contains { $0.name == "CLINIC_URL" && $0.isSecret })
    }

    @Test func `without a time of its own a database has the profile's, and a tool's own counts most`() throws {
        let plain = Self.load(databases: "databases: { clinic: { url: \"sqlite:clinic.db\" } }")
        #expect(plain.project?.sqlTools.first?.definition.retry.timeout == .seconds(5))
        let own = Self.load(Self.tool + "\ntimeout: 2s")
        #expect(own.project?.sqlTools.first?.definition.retry.timeout == .seconds(2))
        let profile = Self.load(Self.tool + "\nretry: meta")
        #expect(profile.project?.sqlTools.first?.definition.retry.attempts == 3)
    }

    @Test func `an agent may name a tool of SQL`() throws {
        let load = ProjectFixture.load([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\n" + Self.databases,
            "tools/find_patient.yaml": Self.tool,
            "agents/clerk.md": (ProjectFixture.files["agents/clerk.md"] ?? "").replacing("get_item", with: "get_item, find_patient"),
        ])
        #expect(load.project?.agents["clerk"]?.tools == ["get_item", "find_patient", "current_time"])
    }

    static let mistakes: [(old: String, new: String, problem: String)] = [
        ("database: clinic", "database: clinc", "tools/find_patient.yaml:9: unknown database `clinc` (did you mean `clinic`?)"),
        (":id", ":idd", "tools/find_patient.yaml:10: unknown parameter `idd` (did you mean `id`?)"),
        (
            "id = :id and ", "",
            "tools/find_patient.yaml:4: warning: the parameter `id` is never used (remove it, or write :id in the query)"
        ),
        (" and doctor = :me", "", "tools/find_patient.yaml:12: warning: the value `me` is never used"),
        ("me: \"${user.id}\"", "id: 1, me: 2", "tools/find_patient.yaml:12: `id` is both a parameter and a value"),
        ("${user.id}", "${secret.X}", "tools/find_patient.yaml:12: `secret` cannot be used here"),
        ("select * from", "delete from", "tools/find_patient.yaml:10: a tool of effect `read` cannot run DELETE (say effect: write)"),
        ("select * from", "pragma x; select * from", "tools/find_patient.yaml:10: a tool runs one statement"),
        (
            "select * from patients where id = :id and doctor = :me", "commit",
            "tools/find_patient.yaml:10: COMMIT is no statement for a tool"
        ),
        ("= :id", "= $1", "tools/find_patient.yaml:10: `$1` has no name (write :name, and declare it under `parameters`)"),
        ("= :id", "= ':id", "tools/find_patient.yaml:10: the query has an open ' (close it)"),
        ("rows: one", "rows: all", "tools/find_patient.yaml:11: `all` is not one of `one`, `many`"),
        ("rows: one", "row: one", "tools/find_patient.yaml:11: unknown key `row` (did you mean `rows`?)"),
        (
            "effect: read", "effect: read\nhttp: { url: \"https://x.example\" }",
            "tools/find_patient.yaml:10: a tool has one of `http`, `sql`, `python` and `agent`"
        ),
        ("effect: read", "effect: read\nidempotency_window: 1h", "tools/find_patient.yaml:3: warning: `idempotency_window` is for tools"),
        ("effect: read", "effect: read\nresult_schema: { type: objekt }", "tools/find_patient.yaml:3: the schema cannot be used"),
    ]

    @Test(arguments: mistakes)
    func `mistakes in a statement are told with their line`(_ one: (old: String, new: String, problem: String)) {
        let problems = Self.load(Self.tool.replacing(one.old, with: one.new)).problems.map { $0.text(.english) }
        #expect(problems.contains { $0.hasPrefix(one.problem) }, "\(problems)")
    }

    static let databaseMistakes: [(yaml: String, problem: String)] = [
        (
            "databases: { clinic: { url: \"mysql://x\" } }",
            "batuta.yaml:10: `url` is no address of a database (write sqlite:PATH or postgres://…)"
        ),
        ("databases: { clinic: {} }", "batuta.yaml:10: `url` is missing"),
        ("databases: { clinic: { url: \"postgres://u:p4ssw0rd@h/d\" } }", "batuta.yaml:10: warning: a password stands in the file"),
        ("databases: { clinic: { url: \"sqlite:x\", pool: { min: 3, max: 2 } } }", "batuta.yaml:10: `min` is 3 and `max` only 2"),
        (
            "databases: { clinic: { url: \"sqlite:x\", pool: { max: 0 } } }",
            "batuta.yaml:10: a whole number from 1 to 100 was expected, not 0"
        ),
        ("databases: { clinic: { url: \"sqlite:x\", timeout: 5 } }", "batuta.yaml:10: a duration was expected (write a unit: 5s)"),
        ("databases: { clinic: { url: \"${params.x}\" } }", "batuta.yaml:10: unknown name `params`"),
    ]

    @Test(arguments: databaseMistakes)
    func `mistakes in a database are told with their line`(_ one: (yaml: String, problem: String)) {
        let problems = Self.load(databases: one.yaml).problems.map { $0.text(.english) }
        #expect(problems.contains { $0.hasPrefix(one.problem) }, "\(problems)")
    }
}
