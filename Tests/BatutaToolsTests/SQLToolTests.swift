import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTesting
import BatutaTools
import Testing

/// Tools that are statements of SQL, on both databases.
@Suite(.timeLimit(.minutes(5))) struct SQLToolTests {
    struct Bench {
        let folder = TemporaryFolder()
        let database: QueryDatabase

        init(_ engine: StoreEngine) async throws {
            database = QueryDatabase(.init(place: try await engine.place(in: folder), minimum: 0, maximum: 2))
            for sql in [
                "create table patients (id integer primary key, name text, doctor text)",
                "insert into patients values (1, 'Ana', 'usr_1'), (2, 'Bia', 'usr_1'), (3, 'Caio', 'usr_2')",
            ] {
                _ = try await database.perform(Query(try NamedQuery(sql), values: [], isReadOnly: false, timeout: .seconds(20)))
            }
        }

        func tool(_ sql: String, effect: ToolEffect = .read, _ change: (inout SQLToolDefinition) -> Void = { _ in }) throws -> SQLTool {
            var source = SQLToolDefinition(
                definition: ToolDefinition(
                    name: "tool",
                    description: "",
                    parameters: ["type": "object"],
                    effect: effect,
                    retry: RetryPolicy(attempts: 1, timeout: .seconds(20))
                ),
                database: "clinic",
                statement: try NamedQuery(sql)
            )
            change(&source)
            return try SQLTool(
                source,
                database: database,
                services: SQLToolServices(secrets: StaticToolSecrets(secrets: ["S": "hush-hush"]), clock: ManualClock())
            )
        }

        func call(_ tool: SQLTool, _ arguments: JSON = [:]) async -> ToolResult {
            await ToolRuntime.test(SystemMonotonicTime()).execute(.test("tool", arguments), in: ToolCatalog([tool]).everything)
        }
    }

    @Test(arguments: StoreEngine.all)
    func `rows: one gives an object or null, many a list`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let one = try bench.tool("select id, name from patients where id = :id") { $0.rows = .one }
        #expect(await bench.call(one, ["id": 2]).data == ["id": 2, "name": "Bia"])
        #expect(await bench.call(one, ["id": 9]).data == .null)
        let first = try bench.tool("select name from patients order by id") { $0.rows = .one }
        #expect(await bench.call(first).data == ["name": "Ana"])
        let many = try bench.tool("select name from patients where id < :id order by id")
        #expect(await bench.call(many, ["id": 3]).data == [["name": "Ana"], ["name": "Bia"]])
        #expect(await bench.call(many, ["id": 0]).data == [])
    }

    @Test(arguments: StoreEngine.all)
    func `values that the tool gives are none of the model's business`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let tool = try bench.tool("select name from patients where doctor = :me order by id") { $0.values = ["me": "${user.id}"] }
        let result = await bench.call(tool, ["me": "usr_2"])
        #expect(result.data == [["name": "Ana"], ["name": "Bia"]])
        // A value that comes out absent is NULL, not what the model says.
        let absent = try bench.tool("select name from patients where doctor = :me") { $0.values = ["me": "${params.doctor}"] }
        #expect(await bench.call(absent, ["me": "usr_2"]).data == [])
    }

    @Test func `a result that is kept is of this statement, its rows and its database`() throws {
        func revision(_ path: String = "a.db", _ change: (inout SQLToolDefinition) -> Void = { _ in }) throws -> Int? {
            var source = SQLToolDefinition(
                definition: ToolDefinition(name: "tool", description: "", parameters: ["type": "object"], effect: .read),
                database: "clinic",
                statement: try NamedQuery("select 1")
            )
            source.cache = .init(ttl: .seconds(9))
            change(&source)
            let database = QueryDatabase(.init(place: .sqlite(path), minimum: 0, maximum: 1))
            let services = SQLToolServices(secrets: StaticToolSecrets(secrets: [:]), clock: ManualClock())
            return try SQLTool(source, database: database, services: services).cachePlan(for: .test("tool"))?.revision
        }
        let usual = try #require(try revision())
        #expect(try revision() == usual)
        #expect(try revision { $0.rows = .one } != usual)
        #expect(try revision { $0.limit = 7 } != usual)
        #expect(try revision("b.db") != usual)
    }

    @Test(arguments: StoreEngine.all)
    func `a write gives rows_affected, with RETURNING the rows too`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let write = try bench.tool("update patients set name = :name where id = :id", effect: .write)
        #expect(await bench.call(write, ["id": 1, "name": "Ana Lu"]).data == ["rows_affected": 1])
        #expect(await bench.call(write, ["id": 9, "name": "x"]).data == ["rows_affected": 0])
        let returning = try bench.tool("delete from patients where id = :id returning name", effect: .critical) { $0.rows = .one }
        #expect(await bench.call(returning, ["id": 1]).data == ["rows_affected": 1, "row": ["name": "Ana Lu"]])
    }

    @Test(arguments: StoreEngine.all)
    func `more rows than allowed are a failure that shows the first`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let tool = try bench.tool("select id from patients order by id") { $0.limit = 2 }
        let result = await bench.call(tool)
        #expect(!result.success)
        #expect(result.code == "answer_too_large")
        #expect(result.data == [["id": 1], ["id": 2]])
        #expect(result.error?.contains("more than 2 rows") == true)
    }

    @Test(arguments: StoreEngine.all)
    func `what the database refuses is told in words that name no address`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let double = try bench.tool("insert into patients (id, name) values (:id, :name)", effect: .write)
        let refused = await bench.call(double, ["id": 1, "name": "x"])
        #expect(refused.code == "rejected")
        #expect(refused.error?.hasPrefix("The database `clinic` refused the values: ") == true)
        #expect(!refused.uncertain)
        let wrong = try bench.tool("select nope from patients")
        #expect(await bench.call(wrong).code == "tool_misconfigured")
    }

    @Test(arguments: StoreEngine.all)
    func `a write that ran out of time did nothing, and nobody is left in doubt`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let sql = """
            insert into patients (id) with recursive n(i) as (select 10 union all select i + 1 from n where i < 2000000000) select i from n
            """
        let tool = try bench.tool(sql, effect: .critical) { $0.definition.retry.timeout = .milliseconds(1_500) }
        let result = await bench.call(tool)
        #expect(result.code == "timeout")
        #expect(!result.uncertain)
    }

    @Test(arguments: StoreEngine.all)
    func `secrets in rows are masked`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let tool = try bench.tool("select cast(:v as text) as v") { $0.rows = .one }
        #expect(await bench.call(tool, ["v": "it is hush-hush"]).data == ["v": "it is •••"])
    }

    @Test func `S2.59 a database has 5 s and one attempt unless the project says otherwise`() {
        #expect(RetryPolicy.profiles["database"]?.attempts == 1)
        #expect(RetryPolicy.profiles["database"]?.timeout == .seconds(5))
    }

    @Test func `a server that cannot be reached opens the breaker`() async throws {
        let database = QueryDatabase(.init(place: .postgres("postgres://u@127.0.0.1:1/x")))
        var source = SQLToolDefinition(
            definition: .test("tool", attempts: 1),
            database: "clinic",
            statement: try NamedQuery("select 1")
        )
        source.breaker = .init(failures: 2, openFor: .seconds(30))
        let breakers = BreakerBoard<Origin>(now: { .zero })
        let tool = try SQLTool(
            source,
            database: database,
            services: SQLToolServices(secrets: StaticToolSecrets(), clock: ManualClock(), breakers: breakers)
        )
        for code in ["unreachable", "unreachable", "circuit_open"] {
            #expect(await tool.attempt(.test("tool")).result.code == code)
        }
        breakers.reset(Origin(scheme: "postgres", host: "127.0.0.1", port: 1))
        #expect(await tool.attempt(.test("tool")).result.code == "unreachable")
    }

    @Test func `a tool without an address says so`() async throws {
        let source = SQLToolDefinition(definition: .test("tool"), database: "clinic", statement: try NamedQuery("select 1"))
        let tool = try SQLTool(source, database: nil, services: SQLToolServices(secrets: StaticToolSecrets(), clock: ManualClock()))
        #expect(await tool.attempt(.test("tool")).result.code == "tool_misconfigured")
    }

    @Test func `versions of a project share a database until its address changes`() {
        let databases = QueryDatabases()
        var first: QueryDatabase? = databases.database(.init(place: .sqlite("a.db")))
        let again = databases.database(.init(place: .sqlite("a.db")))
        #expect(first === again)
        let other = databases.database(.init(place: .sqlite("b.db")))
        #expect(first !== other)
        #expect(databases.count == 2)
        first = nil
        withExtendedLifetime((again, other)) {}
    }
}
