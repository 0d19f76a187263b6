import BatutaCore
import Testing

@Suite struct ExpressionNamesTests {
    static let names: [(String, [String])] = [
        ("params.id == user.id", ["params", "user"]), ("[1].map(x, x + y)", ["y"]), ("xs.map(x, x.filter(z, z == x && q))", ["q", "xs"]),
        ("size(a) + math.greatest(b, 1)", ["a", "b"]), ("type(a) == int", ["a"]), ("type(a) == google.protobuf.Timestamp", ["a"]),
        ("has(a.b) ? c : {'d': e}", ["a", "c", "e"]), ("x.map(x, x)", ["x"]), ("[1].map(x, .x)", ["x"]), ("1 + 2", []),
    ]

    @Test(arguments: names)
    func `the free names are those of the scope`(source: String, names: [String]) throws {
        #expect(try Expression(source).names.sorted() == names)
    }

    static let paths: [(String, [String])] = [
        ("env.META_BASE_URL + secret.KEY", ["env.META_BASE_URL", "secret.KEY"]), ("secret['KEY']", ["secret.KEY"]),
        ("secret[params.name]", ["secret", "params.name"]), ("results[0].data.x", ["results"]), ("(env).X", ["env.X"]),
        ("env.A.startsWith('x')", ["env.A"]), ("params.list.map(x, x.y + params.z)", ["params.list", "params.z"]),
        ("has(params.note)", ["params.note"]), ("params.list[0].name", ["params.list"]),
        ("connection.meta.token", ["connection.meta.token"]), ("params.a[env.B].c", ["params.a", "env.B"]),
        ("connection['meta'].token", ["connection.meta.token"]),
    ]

    @Test(arguments: paths)
    func `paths say which members a loader has to provide`(source: String, paths: [String]) throws {
        #expect(try Expression(source).paths.map(\.description) == paths)
    }

    @Test func `has marks a path that may be absent`() throws {
        let paths = try Expression("has(params.note) ? params.note : user.id").paths
        #expect(paths.map(\.isTested) == [true, false, false])
        #expect(paths.map(\.location.column) == [5, 20, 34])
        #expect(paths.map(\.member) == ["note", "note", "id"])
    }

    @Test func `an unknown name is reported with its place and the nearest name`() throws {
        let expression = try Expression("facts.x > 1.0 &&\n  parms.id == 'a'")
        let problems = expression.problems(allowing: ["params", "facts"])
        #expect(problems.map(\.message.english) == ["unknown name `parms` (did you mean params?) at line 2, column 3"])
        #expect(expression.problems(allowing: ["parms", "facts"]).isEmpty)
        #expect(try Expression("zzz").problems(allowing: ["a", "b"]).first?.reason.english == "unknown name `zzz`; offered here: a, b")
    }

    @Test func `lazy roots are asked only for what is used`() throws {
        let expression = try Expression("true || env.NEVER == 'x'")
        let scope = ExpressionScope([:] as [String: JSON], lazyRoots: ["env"]) { _, name in
            Issue.record("asked for \(name)")
            return nil
        }
        #expect(try expression.condition(in: scope))
    }
}
