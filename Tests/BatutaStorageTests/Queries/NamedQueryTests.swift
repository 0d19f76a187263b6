@testable import BatutaStorage
import Testing

/// What is a parameter in a statement and what is not.
@Suite struct NamedQueryTests {
    typealias Case = (sql: String, names: [String], verb: String)

    static let corpus: [Case] = [
        ("select 1", [], "SELECT"),
        ("select :a", ["a"], "SELECT"),
        ("select :a, :b, :a", ["a", "b"], "SELECT"),
        ("select :a::int", ["a"], "SELECT"),
        ("select '1'::int + :a :: text", ["a"], "SELECT"),
        ("select x::varchar(10)", [], "SELECT"),
        ("select ':a', :b", ["b"], "SELECT"),
        ("select 'it''s :a', :b", ["b"], "SELECT"),
        ("select ''':a''', :b", ["b"], "SELECT"),
        (#"select "col:a", "x"":b", :c"#, ["c"], "SELECT"),
        ("select `col:a`, :c", ["c"], "SELECT"),
        (#"select E'it\'s :a', :b"#, ["b"], "SELECT"),
        (#"select e'\\', :b"#, ["b"], "SELECT"),
        (#"select 'C:\', :b"#, ["b"], "SELECT"),
        (#"select note'\', :b"#, ["b"], "SELECT"),
        ("select $$ :a $$, :b", ["b"], "SELECT"),
        ("select $x$ :a $$ :c $x$, :b", ["b"], "SELECT"),
        ("select a$b, :c", ["c"], "SELECT"),
        ("select 1 -- :a\n, :b", ["b"], "SELECT"),
        ("select 1 -- :a", [], "SELECT"),
        ("select /* :a */ :b", ["b"], "SELECT"),
        ("select /* /* :a */ :c */ :b", ["b"], "SELECT"),
        ("select a[1:2], a[:n]", ["n"], "SELECT"),
        ("select now() at time zone 'UTC' - interval '1:30'", [], "SELECT"),
        ("select f(a := 1, b => :b)", ["b"], "SELECT"),
        ("select :größe, :a_1, :_x", ["größe", "a_1", "_x"], "SELECT"),
        ("select 10:a", ["a"], "SELECT"),
        ("select data->>':a' from t where data @> :b and data ? 'x'", ["b"], "SELECT"),
        ("  \n-- why\n/* because */ with x as (select :a) select * from x;  -- end", ["a"], "WITH"),
        ("insert into t values (:a);\n;", ["a"], "INSERT"),
        ("(select :a)", ["a"], "SELECT"),
        ("values (:a)", ["a"], "VALUES"),
        ("select ':' || :a || ':'", ["a"], "SELECT"),
        ("select a - -:b", ["b"], "SELECT"),
        ("select a/:b", ["b"], "SELECT"),
    ]

    @Test(arguments: corpus)
    func `a colon and a name are a parameter, except in quotes, comments and casts`(_ one: Case) throws {
        let query = try NamedQuery(one.sql)
        #expect(query.names == one.names)
        #expect(query.verb == one.verb)
        #expect(query.source == one.sql)
    }

    static let wrong: [(String, NamedQuery.Problem)] = [
        ("", .empty), ("  ;", .empty), ("-- nothing", .empty), ("select 1; delete from t", .severalStatements),
        ("select 1; -- x\n delete from t", .severalStatements), ("select $1", .numbered("$1")), ("select ':a", .open("'")),
        ("select \"a", .open("\"")), ("select /* a", .open("/*")), ("select $q$ a", .open("$q$")), ("select E'\\", .open("'")),
        ("select 1 where x = 'a''", .open("'")),
    ]

    @Test(arguments: wrong)
    func `what is no single statement with names is refused`(_ one: (sql: String, problem: NamedQuery.Problem)) {
        #expect(throws: one.problem) { try NamedQuery(one.sql) }
    }

    @Test func `marks take the place of names, and nothing else changes`() throws {
        let query = try NamedQuery("select ':a', :a::int, :b /* :b */ where x = :a")
        #expect(query.text(marking: "$") == "select ':a', $1::int, $2 /* :b */ where x = $1")
        #expect(query.text(marking: "?") == "select ':a', ?1::int, ?2 /* :b */ where x = ?1")
    }

    /// Whatever stands in a text, cutting it loses no byte and traps nowhere.
    @Test func `hostile texts neither trap nor lose a byte`() {
        var random = SystemRandomNumberGenerator()
        let pieces = [":", "::", "a", "1", "'", "\"", "$", "$$", "$x$", "E'", "\\", "--", "/*", "*/", "\n", ";", "é", "\0", "`", "[", " "]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...14, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            guard let query = try? NamedQuery(text) else { continue }
            var rebuilt = query.text(marking: "?")
            for (index, name) in query.names.enumerated().reversed() { rebuilt = rebuilt.replacing("?\(index + 1)", with: ":\(name)") }
            #expect(rebuilt == text)
        }
    }

    @Test(arguments: [
        ("postgres://u:p%40ss@h:5433/d?x=1", "p@ss", "h", 5_433), ("postgresql://u@h/d", nil, "h", 5_432),
        ("postgres:///d?host=/tmp", nil, nil, 0),
    ])
    func `an address gives its password and its server`(_ one: (url: String, password: String?, host: String?, port: Int)) throws {
        let place = try #require(QueryPlace(one.url))
        #expect(place.password == one.password)
        #expect(place.server?.host == one.host)
        #expect((place.server?.port ?? 0) == one.port)
    }

    @Test func `only files and PostgreSQL are databases`() {
        #expect(QueryPlace("sqlite:data/x.db") == .sqlite("data/x.db"))
        #expect(QueryPlace("sqlite:///srv/x.db") == .sqlite("/srv/x.db"))
        for url in ["", "sqlite:", "sqlite::memory:", "mysql://x", "x.db", "postgres:"] { #expect(QueryPlace(url) == nil, "\(url)") }
    }
}
