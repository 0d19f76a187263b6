import BatutaCore
import BatutaStorage
import BatutaTesting
import Testing

struct BindTests {
    @Test(
        arguments: StoreEngine.all,
        [
            "", "short", String(repeating: "longer than fifteen bytes ", count: 50), "ação 🎼 e\u{301}", "'; DROP TABLE things; --",
            "\") OR 1=1",
            "?1 :a @b $1 {bytes}",
        ]
    )
    func `text comes back as it went in, whatever it says`(_ engine: StoreEngine, text: String) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        var batch = WriteBatch(order: "")
        batch.add("CREATE TABLE things (a TEXT, b TEXT)")
        batch.add("INSERT INTO things VALUES (\(text), \(text))", expecting: 1)
        #expect(try await database.write(batch).summary == "committed [0, 1]")
        let found = try await database.read {
            try $0.rows("SELECT a, a = \(text) FROM things WHERE b = \(text)") { ($0.text(0), $0.bool(1)) }
        }
        #expect(found.count == 1)
        #expect(found.first?.0 == text && found.first?.1 == true)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `every kind of value keeps its type`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        let bytes: [UInt8] = [0, 255, 39, 0], none: [UInt8] = []
        let session = SessionID(trusted: "ses_1"), moment = Timestamp(milliseconds: 7)
        let missing: String? = nil, absent: Int? = nil
        let row = try await database.read {
            try $0.first(
                """
                SELECT \(Int64.min), \(UInt64.max), \(UInt8(7)), \(1.5), \(true), \(bytes), \(none), \(missing), \(absent), \(Bind.null), \(session), \(moment), \(5)
                """
            ) { row in
                (
                    [row.int(0), row.int(1), row.int(2), row.int(4), row.int(11), row.int(12)], row.double(3), row.bytes(5), row.bytes(6),
                    row.isNull(6),
                    [7, 8, 9, 99].map(row.isNull), row.text(10), row.optionalText(7)
                )
            }
        }
        let found = try #require(row)
        #expect(found.0 == [.min, .max, 7, 1, 7, 5])
        #expect(found.1 == 1.5 && found.2 == bytes && found.3 == none && !found.4)
        #expect(found.5 == [true, true, true, true])
        #expect(found.6 == "ses_1" && found.7 == nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all, [127, 128, 129, 400])
    func `a statement may have many values`(_ engine: StoreEngine, count: Int) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        let values = (0..<count).map { "value number \($0)" }
        let found = try await database.read { reading in
            try reading.rows(
                "SELECT count(*) FROM (SELECT 1) AS one WHERE 'value number \(raw: "0")' IN (\(list: values.map(Bind.text)))"
            ) { $0.int(0) }
        }
        #expect(found == [1])
        let last = try await database.read { reading in
            try reading.first("SELECT \(values.last) IN (\(list: values.map(Bind.text)))") { $0.bool(0) }
        }
        #expect(last == true)
        await database.close()
    }

    @Test func `interpolation binds and fragments keep their order`() {
        let inner: SQL = "b = \("x")"
        let outer: SQL = "SELECT \(raw: "a") FROM t WHERE a = \(1) AND \(inner) AND c IN (\(list: [.int(2), .null]))"
        #expect(outer.text == "SELECT a FROM t WHERE a = ? AND b = ? AND c IN (?, ?)")
        #expect(outer.binds == [.int(1), .text("x"), .int(2), .null])
    }

    @Test(arguments: StoreEngine.all) func `a wrong number of values is refused, also when the statement is known`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        let two = PreparedSQL("SELECT ?, ?")
        #expect(try await database.read { try $0.first(two, [.int(1), .int(2)]) { $0.int(1) } } == 2)
        for binds in [[], [.int(1)], [.int(1), .int(2), .int(3)]] as [[Bind]] {
            await #expect(throws: StorageError.self) { try await database.read { try $0.rows(two, binds) { $0.int(0) } } }
        }
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `one statement at a time`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        var batch = WriteBatch(order: "")
        batch.add("CREATE TABLE a (x BIGINT); CREATE TABLE b (x BIGINT)")
        await #expect(throws: StorageError.self) { try await database.write(batch) }
        var fine = WriteBatch(order: "")
        fine.add("CREATE TABLE a (x BIGINT); \n")
        #expect(try await database.write(fine).results?.count == 1)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a query may run inside the rows of the same query`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        let pairs = try await database.read { reading in
            let numbers: SQL = "SELECT 1 UNION ALL SELECT 2"
            return try reading.rows(numbers) { outer in try reading.rows(numbers) { $0.int(0) * 10 + outer.int(0) } }
        }
        #expect(pairs == [[11, 21], [12, 22]])
        await database.close()
    }
}
