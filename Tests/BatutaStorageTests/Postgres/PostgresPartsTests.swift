import BatutaCore
import Testing

@testable import BatutaStorage

/// What is decided without a server.
struct PostgresPartsTests {
    @Test func `reading threads come with the reads that wait and go when there is nothing to do, between two bounds`() {
        var count = ReaderCountStateMachine(minimum: 1, maximum: 3)
        #expect(count.readArrived(waiting: 1) == .startThread)
        #expect(count.readArrived(waiting: 1) == .wait)
        count.readBegan()
        #expect(count.readArrived(waiting: 1) == .startThread)
        #expect(count.readArrived(waiting: 2) == .startThread)
        #expect(count.readArrived(waiting: 9) == .wait)
        #expect(count.alive == 3 && count.busy == 1)
        count.readEnded()
        #expect(count.idled() && count.idled() && !count.idled())
        #expect(count.alive == 1 && count.busy == 0)
        count.threadEnded()
        #expect(count.readArrived(waiting: 1) == .startThread)
    }

    @Test func `each pause is about twice the last, up to two seconds, and chance only shortens it`() {
        var long = Backoff(), short = Backoff()
        let longest = (0..<8).map { _ in long.next(1).inMilliseconds }
        #expect(longest == [50, 100, 200, 400, 800, 1_600, 2_000, 2_000])
        #expect((0..<3).map { _ in short.next(0).inMilliseconds } == [25, 50, 100])
        #expect(short.next(7) == .milliseconds(400))
    }

    @Test(arguments: [
        ("postgres://ana:segredo@db.example:5432/batuta?sslmode=require", "the database db.example:5432/batuta"),
        ("postgres:///batuta?host=/run/postgresql&password=segredo", "the database batuta"),
        ("postgres://ana:a@b@db/x", "the database db/x"), ("host=db password=segredo", "the database"), ("", "the database"),
    ])
    func `no message has a password`(_ url: String, _ place: String) {
        #expect(PostgresConfiguration(url: url).place == place)
    }

    @Test(arguments: [
        ("40P01", StorageError.Code.busy, true), ("40001", .busy, true), ("55P03", .busy, true), ("57014", .overloaded, true),
        ("53300", .overloaded, true), ("53200", .overloaded, true), ("57P01", .unavailable, true), ("08006", .unavailable, true),
        ("", .unavailable, true), ("53100", .full, false), ("25006", .readOnly, false), ("42501", .readOnly, false),
        ("23505", .constraint, false),
        ("42P01", .misuse, false), ("22021", .misuse, false), ("XX001", .corrupt, false), ("58030", .io, false),
        ("3D000", .notFound, false),
        ("28P01", .unavailable, true),
    ])
    func `what the server says has a code of ours`(_ state: String, _ code: StorageError.Code, _ isRetryable: Bool) {
        let failure = PostgresFailure(state: state, words: "ERROR:  something\nDETAIL:  more\n", doing: "cannot")
        #expect(failure.error.code == code && failure.error.isRetryable == isRetryable)
        #expect(failure.error.cause?.hasPrefix("ERROR:  something; DETAIL:  more") == true)
        #expect(failure.error.message.hasPrefix("cannot: "))
    }

    @Test func `a primary that became a standby is told as a server that takes no writes`() {
        let words = "ERROR:  cannot set transaction read-write mode during recovery\n"
        let failure = PostgresFailure(state: "0A000", words: words, doing: "cannot write")
        #expect(failure.error.code == .readOnly && failure.error.message.contains("give the address of the primary"))
        #expect(!failure.isStaleStatement)
    }

    @Test func `a statement is known by its text and the kinds of its values`() {
        var statements = PostgresStatements(areKept: true)
        func name(_ sql: SQL) -> String {
            let kinds = sql.binds.map(PostgresKind.init)
            return statements.find(PostgresStatements.Key(sql, kinds), sql, kinds).name
        }
        let prepared = PreparedSQL("SELECT ?")
        let names = [
            name("SELECT \(1)"), name("SELECT \(2)"), name("SELECT \("x")"), name(SQL(prepared, [.int(1)])), name(SQL(prepared, [.null])),
        ]
        #expect(names[0] == names[1] && Set(names).count == 4)
        statements.forget()
        #expect(!names.contains(name("SELECT \(1)")))
    }
}
