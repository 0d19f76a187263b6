import BatutaCore
@testable import BatutaStorage
import BatutaTesting
import Testing

/// What a project's database does, whichever it is.
@Suite(.timeLimit(.minutes(5))) struct QueryDatabaseTests {
    struct Bench {
        let folder = TemporaryFolder()
        let database: QueryDatabase

        init(_ engine: StoreEngine, maximum: Int = 3) async throws {
            database = QueryDatabase(.init(place: try await engine.place(in: folder), minimum: 0, maximum: maximum))
        }

        @discardableResult
        func write(_ sql: String, _ values: [String: JSON] = [:], timeout: Duration = .seconds(20)) async throws -> QueryAnswer {
            try await perform(sql, values, isReadOnly: false, timeout)
        }

        func read(
            _ sql: String,
            _ values: [String: JSON] = [:],
            timeout: Duration = .seconds(20),
            limits: Query.Limits = Query.Limits()
        ) async throws -> QueryAnswer {
            try await perform(sql, values, isReadOnly: true, timeout, limits)
        }

        private func perform(
            _ sql: String,
            _ values: [String: JSON],
            isReadOnly: Bool,
            _ timeout: Duration,
            _ limits: Query.Limits = Query.Limits()
        ) async throws -> QueryAnswer {
            let statement = try NamedQuery(sql)
            let given = statement.names.map { values[$0] ?? .null }
            return try await database.perform(
                Query(statement, values: given, isReadOnly: isReadOnly, timeout: timeout, limits: limits)
            )
        }

        func people() async throws {
            try await write("create table people (id integer primary key, name text not null unique, age integer)")
            for (id, name, age) in [(1, "Ana", 30), (2, "Bia", 40), (3, "Caio", 50)] {
                try await write(
                    "insert into people (id, name, age) values (:id, :name, :age)",
                    ["id": .int(id), "name": .string(name), "age": .int(age)]
                )
            }
        }
    }

    @Test(arguments: StoreEngine.all)
    func `values are bound and never spliced`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.people()
        for hostile in ["Ana' or '1'='1", "'; drop table people; --", "\\'", "$1", ":name", "{a}", "R$ 10 ✓"] {
            let answer = try await bench.read("select id from people where name = :name", ["name": .string(hostile)])
            #expect(answer.rows.isEmpty, "\(hostile)")
        }
        let all = try await bench.read("select name from people order by id")
        #expect(all.rows == [["name": "Ana"], ["name": "Bia"], ["name": "Caio"]])
        let stored = try await bench.write(
            "update people set name = :name where id = :id",
            ["name": "Zé '; \"x\" $1 :id \\", "id": 3]
        )
        #expect(stored.rowsAffected == 1)
        #expect(try await bench.read("select name from people where id = :id", ["id": 3]).rows == [["name": "Zé '; \"x\" $1 :id \\"]])
    }

    @Test(arguments: StoreEngine.all)
    func `a name that comes twice has one value, and null is NULL`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.people()
        let sql = "select id from people where (cast(:min as integer) is null or age >= cast(:min as integer)) order by id"
        #expect(try await bench.read(sql, ["min": 40]).rows == [["id": 2], ["id": 3]])
        #expect(try await bench.read(sql, [:]).rows.count == 3)
    }

    @Test(arguments: StoreEngine.all)
    func `a read cannot write, whatever its statement says`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.people()
        for sql in [
            "insert into people (id, name) values (9, 'x')", "delete from people", "drop table people", "create table t (a integer)",
        ] {
            let failure = await #expect(throws: QueryFailure.self, "\(sql)") { try await bench.read(sql) }
            #expect(failure?.reason == .statement, "\(sql)")
        }
        #expect(try await bench.read("select count(*) as n from people").rows == [["n": 3]])
    }

    @Test(arguments: StoreEngine.all)
    func `a write says how many rows it changed, and returns what it was told to`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.people()
        let update = try await bench.write("update people set age = age + 1 where age > :age", ["age": 35])
        #expect(update.rowsAffected == 2)
        #expect(!update.hasColumns)
        let nothing = try await bench.write("delete from people where id = :id", ["id": 77])
        #expect(nothing.rowsAffected == 0)
        let returning = try await bench.write("delete from people where id = :id returning id, name", ["id": 1])
        #expect(returning.rowsAffected == 1)
        #expect(returning.rows == [["id": 1, "name": "Ana"]])
        #expect(try await bench.read("select count(*) as n from people").rows == [["n": 2]])
    }

    @Test(arguments: StoreEngine.all)
    func `a write that fails changes nothing`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.people()
        let failure = await #expect(throws: QueryFailure.self) {
            try await bench.write("insert into people (id, name) values (:id, :name)", ["id": 9, "name": "Ana"])
        }
        #expect(failure?.reason == .value)
        #expect(failure?.isHarmless == true)
        #expect(try await bench.read("select count(*) as n from people").rows == [["n": 3]])
        // The connection is whole afterwards.
        #expect(try await bench.write("delete from people where id = 3").rowsAffected == 1)
    }

    @Test(arguments: StoreEngine.all)
    func `rows and bytes are bounded`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let series = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n"
        let few = try await bench.read(series, limits: .init(rows: 10))
        #expect(few.isCut)
        #expect(few.rows.count == 10)
        #expect(few.rows.last == ["i": 10])
        let small = try await bench.read(series, limits: .init(rows: 100_000, bytes: 1_000))
        #expect(small.isCut)
        #expect(small.rows.count > 10 && small.rows.count < 1_000)
        let whole = try await bench.read(series, limits: .init(rows: 20_000))
        #expect(!whole.isCut)
        #expect(whole.rows.count == 20_000)
    }

    @Test(arguments: StoreEngine.all)
    func `a statement that takes too long is ended, and its write undone`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.write("create table t (i integer)")
        let endless = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000)"
        let read = await #expect(throws: QueryFailure.self) {
            try await bench.read("\(endless) select count(*) from n", timeout: .milliseconds(1_500))
        }
        #expect(read?.reason == .timeout)
        let write = await #expect(throws: QueryFailure.self) {
            try await bench.write("insert into t \(endless) select i from n", timeout: .milliseconds(1_500))
        }
        #expect(write?.reason == .timeout)
        #expect(write?.isHarmless == true)
        #expect(try await bench.read("select count(*) as n from t").rows == [["n": 0]])
    }

    @Test(arguments: StoreEngine.all)
    func `stopping ends a statement that runs`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let endless = Task {
            try await bench.read(
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select count(*) from n",
                timeout: .seconds(600)
            )
        }
        while bench.database.connections == 0 { await Task.yield() }
        endless.cancel()
        let failure = await #expect(throws: QueryFailure.self) {
            try await Deadline.wait(for: "end of a statement that was stopped") { try await endless.value }
        }
        #expect(failure?.isHarmless == true)
        #expect(failure?.reason == .cancelled || failure?.reason == .timeout)
        #expect(try await bench.read("select 1 as one").rows == [["one": 1]])
    }

    @Test(arguments: StoreEngine.all)
    func `what waits for a connection can be stopped too`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine, maximum: 1)
        let endless = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select count(*) from n"
        let first = Task { try await bench.read(endless) }
        while bench.database.connections == 0 { await Task.yield() }
        let second = Task { try await bench.read("select 1") }
        second.cancel()
        let failure = await #expect(throws: QueryFailure.self) { try await second.value }
        #expect(failure?.reason == .cancelled)
        first.cancel()
        _ = await first.result
        #expect(bench.database.connections == 1)
    }

    @Test(arguments: StoreEngine.all)
    func `S1.24 many queries share a few connections`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine, maximum: 2)
        try await bench.people()
        let sums = try await withThrowingTaskGroup(of: JSON.self) { group in
            for _ in 0..<40 { group.addTask { try await bench.read("select sum(age) as s from people").rows[0] } }
            return try await group.reduce(into: [JSON]()) { $0.append($1) }
        }
        #expect(sums == Array(repeating: ["s": 120], count: 40))
        #expect(bench.database.connections <= 2)
    }

    @Test(arguments: StoreEngine.all)
    func `a statement that is wrong says why`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let failure = await #expect(throws: QueryFailure.self) { try await bench.read("select nam from nowhere") }
        #expect(failure?.reason == .statement)
        #expect(failure?.words.contains("nowhere") == true)
        #expect(try await bench.read("select 1 as one").rows == [["one": 1]])
    }

    @Test(arguments: StoreEngine.all)
    func `columns of the same name keep their values`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        #expect(try await bench.read("select 1 as a, 2 as a, 3 as a").rows == [["a": 1, "a_2": 2, "a_3": 3]])
    }

    @Test func `values of SQLite become JSON`() async throws {
        let bench = try await Bench(.sqlite)
        try await bench.write("create table v (i integer, r real, t text, b blob, f boolean, j json, n text)")
        try await bench.write(
            "insert into v values (:i, :r, :t, x'0102ff', :f, :j, null)",
            ["i": 9_007_199_254_740_993, "r": 1.5, "t": "é", "f": true, "j": ["a": [1, 2]]]
        )
        let row = try #require(try await bench.read("select * from v").rows.first)
        #expect(row["i"]?.text == "9007199254740993")
        #expect(row["r"] == 1.5)
        #expect(row["t"] == "é")
        #expect(row["b"] == "AQL/")
        #expect(row["f"] == true)
        #expect(row["j"] == ["a": [1, 2]])
        #expect(row["n"] == .some(.null))
        let listed = try await bench.read("select value from json_each(:ids) order by value", ["ids": [3, 1]])
        #expect(listed.rows == [["value": 1], ["value": 3]])
    }

    static let postgresValues: [(sql: String, json: String)] = [
        ("12345678901234567890.123456789::numeric", "12345678901234567890.123456789"), ("'NaN'::numeric", "\"NaN\""),
        ("9223372036854775807::bigint", "9223372036854775807"), ("0.1::float8", "0.1"), ("'Infinity'::float8", "\"Infinity\""),
        ("true", "true"), ("null::text", "null"), ("date '2026-02-28'", "\"2026-02-28\""),
        ("timestamptz '2026-01-02 03:04:05.5-03'", "\"2026-01-02T06:04:05.5Z\""),
        ("timestamp '2026-01-02 03:04:05'", "\"2026-01-02T03:04:05\""), ("time '10:00'", "\"10:00:00\""),
        ("interval '1 day 2 hours'", "\"P1DT2H\""), ("'infinity'::timestamptz", "\"infinity\""),
        (#"'{"a":[1,null]}'::jsonb"#, #"{"a":[1,null]}"#), (#"'[1.50]'::json"#, "[1.50]"), (#"'\x0102ff'::bytea"#, "\"AQL/\""),
        ("array[1,null,3]", "[1,null,3]"), ("array['a,b','c\"d','NULL','é']", #"["a,b","c\"d","NULL","é"]"#),
        ("array[[1,2],[3,4]]", "[[1,2],[3,4]]"), ("'{}'::int[]", "[]"), ("'[2:3]={7,8}'::int[]", "[7,8]"),
        ("array[1.10]::numeric[]", "[1.10]"), ("array[true,false]", "[true,false]"), (#"array['{"a":1}'::jsonb]"#, #"[{"a":1}]"#),
        ("'00000000-0000-0000-0000-000000000001'::uuid", "\"00000000-0000-0000-0000-000000000001\""), ("'10.0.0.1'::inet", "\"10.0.0.1\""),
    ]

    @Test(arguments: postgresValues)
    func `values of PostgreSQL become JSON`(_ one: (sql: String, json: String)) async throws {
        let bench = try await Bench(.postgres)
        let row = try #require(try await bench.read("select \(one.sql) as v").rows.first)
        #expect(row["v"]?.text == one.json)
    }

    static let postgresParameters: [(sql: String, value: JSON, json: String)] = [
        (":v::int + 1", 41, "42"), (":v::numeric", 1.25, "1.25"), (":v::text", "x", "\"x\""), (":v::boolean", false, "false"),
        (":v::jsonb", ["a": 1], #"{"a": 1}"#), (":v::int[]", [1, 2], "[1,2]"),
        (":v::text[]", ["a,b", "c\"d\\", "NULL"], #"["a,b","c\"d\\","NULL"]"#),
        ("2 = any(:v::int[])", [1, 2], "true"), (":v::jsonb", [1, 2], "[1, 2]"), (":v::date", "2026-01-31", "\"2026-01-31\""),
        (":v::uuid", "00000000-0000-0000-0000-000000000001", "\"00000000-0000-0000-0000-000000000001\""),
    ]

    @Test(arguments: postgresParameters)
    func `the server finds the types of values`(_ one: (sql: String, value: JSON, json: String)) async throws {
        let bench = try await Bench(.postgres)
        let row = try #require(try await bench.read("select \(one.sql) as v", ["v": one.value]).rows.first)
        #expect(try row["v"] == JSON.parse(one.json))
    }

    @Test func `a value that is not of its type is refused as a value`() async throws {
        let bench = try await Bench(.postgres)
        let failure = await #expect(throws: QueryFailure.self) { try await bench.read("select :v::int", ["v": "x"]) }
        #expect(failure?.reason == .value)
        #expect(failure?.words.contains("integer") == true)
    }

    @Test func `a NUL in a text is refused, not cut off there`() async throws {
        let bench = try await Bench(.postgres)
        try await bench.people()
        let failure = await #expect(throws: QueryFailure.self) {
            try await bench.read("select id from people where name = :name", ["name": "Ana\u{0}x"])
        }
        #expect(failure?.reason == .value)
        #expect(try await bench.read("select count(*) as n from people").rows == [["n": 3]])
    }

    @Test func `a connection that died while it waited costs nobody a query`() async throws {
        let bench = try await Bench(.postgres, maximum: 1)
        let own = try #require(try await bench.read("select pg_backend_pid() as pid").rows.first?["pid"])
        let other = try await Bench(.postgres)
        _ = try await other.read("select pg_terminate_backend(:pid)", ["pid": own])
        #expect(try await bench.read("select 1 as one").rows == [["one": 1]])
    }

    @Test func `a write that loses its server before the commit is certain to have done nothing`() async throws {
        let bench = try await Bench(.postgres, maximum: 1)
        try await bench.write("create table t (i integer)")
        let failure = await #expect(throws: QueryFailure.self) {
            try await bench.write("with x as (insert into t values (1) returning 1) select pg_terminate_backend(pg_backend_pid()) from x")
        }
        #expect(failure?.reason == .lost)
        #expect(failure?.isHarmless == true)
        #expect(try await bench.read("select count(*) as n from t").rows == [["n": 0]])
    }

    @Test func `a server that is not there is unreachable`() async throws {
        let database = QueryDatabase(.init(place: .postgres("postgres://u:secretword@127.0.0.1:1/x")))
        let query = Query(try NamedQuery("select 1"), values: [], isReadOnly: true, timeout: .seconds(20))
        let failure = await #expect(throws: QueryFailure.self) { try await database.perform(query) }
        #expect(failure?.reason == .unreachable)
        #expect(failure?.words.contains("secretword") == false)
    }

    @Test func `a file that is not there is unreachable, and is not made`() async throws {
        let folder = TemporaryFolder()
        let database = QueryDatabase(.init(place: .sqlite(folder.path + "/none.db")))
        let query = Query(try NamedQuery("select 1"), values: [], isReadOnly: false, timeout: .seconds(20))
        let failure = await #expect(throws: QueryFailure.self) { try await database.perform(query) }
        #expect(failure?.reason == .unreachable)
    }

    @Test func `SQLite has no parameters without a name, and no other files`() async throws {
        let bench = try await Bench(.sqlite)
        for sql in ["select ?", "select ?1", "select @a", "attach 'x.db' as x"] {
            let failure = await #expect(throws: QueryFailure.self, "\(sql)") { try await bench.write(sql) }
            #expect(failure?.reason == .statement, "\(sql)")
        }
    }

    @Test func `a file that another connection writes is waited for`() async throws {
        let bench = try await Bench(.sqlite)
        try await bench.write("create table t (i integer)")
        let holder = try SQLiteDatabase(path: bench.folder.path + "/project.db", configuration: SQLiteConfiguration(mode: .admin))
        defer { withExtendedLifetime(holder) {} }
        let results = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 { group.addTask { (try? await bench.write("insert into t values (:i)", ["i": .int(number)])) != nil } }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0 })
        #expect(try await bench.read("select count(*) as n from t").rows == [["n": 20]])
    }

    @Test func `S1.24 when nobody holds a database any more its threads end`() async throws {
        var bench: Bench? = try await Bench(.sqlite)
        _ = try await bench?.read("select 1")
        weak let database = bench?.database
        #expect(database != nil)
        bench = nil
        #expect(database == nil)
    }
}
