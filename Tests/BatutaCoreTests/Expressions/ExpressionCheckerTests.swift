import BatutaCore
import Testing

@Suite struct ExpressionCheckerTests {
    static let names: [String: ExpressionType] = [
        "params": ExpressionType(
            schema: [
                "type": "object",
                "properties": [
                    "id": ["type": "string"], "count": ["type": "integer"], "paused": ["type": "boolean"],
                    "tags": ["type": "array", "items": ["type": "string"]],
                    "items": ["type": "array", "items": ["type": "object", "properties": ["price": ["type": "number"]]]],
                    "any": ["type": ["string", "null"]], "labels": ["type": "object", "additionalProperties": ["type": "string"]],
                ],
            ]
        ).naming(Words("parameter", "o parâmetro")),
        "facts": .dyn, "now": .timestamp, "env": .lazy,
    ]

    private func check(_ source: String, isCondition: Bool = false) throws -> (type: ExpressionType, problems: [ExpressionProblem]) {
        ExpressionChecker(Self.names).check(try Expression(source), isCondition: isCondition)
    }

    @Test(arguments: [
        ("params.id + '!'", ExpressionType.string), ("params.count * 2.0", .double), ("int(params.count) % 2", .int),
        ("size(params.tags)", .int), ("params.tags[0]", .string), ("params.items[0].price > 3", .bool),
        ("params.items.map(i, i.price)", .list(.double)), ("params.items.filter(i, i.price > 1.0).size() == 1", .bool),
        ("params.tags.exists(t, t.startsWith('x')) && !params.paused", .bool), ("params.any == 3 || params.any == null", .bool),
        ("params.labels['x'].trim()", .string), ("facts.a.b[2].c + 1", .dyn), ("now - duration('1h') < now", .bool),
        ("now.getHours('UTC') >= 9", .bool), ("params.paused ? 'a' : params.id", .string), ("params.paused ? 'a' : 1", .dyn),
        ("has(params.id)", .bool), ("'a' in params.tags", .bool), ("'a' in params.labels", .bool), ("env.HOST", .dyn),
        ("{'a': 1}.a", .int), ("math.greatest(params.count, 3)", .dyn), ("math.greatest([1, 2])", .int),
        ("params.tags.reverse()", .list(.string)),
        ("number(params.count, 0) + money(1, 'BRL')", .string), ("params.count == 3 && 3.0 == 3", .bool), ("[1] + [2]", .list(.int)),
        ("type(params.id) == string", .bool), ("-params.count", .double), ("params.labels.all(k, k != '')", .bool),
        ("math.round(params.count) + 1.0", .double), ("'%d'.format([1])", .string), ("[[1]][0][0] + 1", .int),
    ])
    func `what is right has a type, and nothing is said of it`(_ source: String, _ type: ExpressionType) throws {
        let found = try check(source)
        #expect(found.problems.isEmpty, "\(found.problems)")
        #expect(found.type == type)
    }

    @Test(arguments: [
        ("parms.id", "unknown name `parms` (did you mean `params`?)", 1),
        ("params.idd", "unknown parameter `idd` (did you mean `id`?)", 8),
        ("has(params.cuont)", "unknown parameter `cuont` (did you mean `count`?)", 1),
        ("params.items[0].prize > 1.0", "unknown field `prize` (did you mean `price`?)", 17),
        ("params.id.x", "a value of type string has no member `x`", 11),
        ("params.tags['x']", "an index of a list is a whole number, not a value of type string", 13),
        ("params.count[0]", "a value of type double has no elements", 13),
        ("params.count + 1", "no such overload: double + int; numbers from JSON are doubles: write 1.0 for 1, or int(x)", 14),
        ("params.count % 2", "no such overload: double % int; make it whole with int(x)", 14),
        ("params.id + params.count", "no such overload: string + double; make it a text with string(x)", 11),
        (
            "params.count == '3'", "a value of type double never equals one of type string (write the number without quotes, or string(x))",
            14
        ),
        ("params.paused == 'true'", "a value of type bool never equals one of type string (write true or false without quotes)", 15),
        ("params.id > 3", "no such overload: string > int", 11), ("params.id && true", "`&&` takes a bool, not a value of type string", 8),
        ("!params.count", "`!` takes a bool, not a value of type double", 9), ("-params.id", "no such overload: -string", 1),
        ("params.id ? 1 : 2", "`?` takes a bool, not a value of type string", 8),
        ("3 in params.tags", "a value of type int never equals one of type string (write the number without quotes, or string(x))", 3),
        ("'a' in params.id", "`in` looks into a list or a map, not into a value of type string; write text.contains(part)", 5),
        ("params.count.trim()", "no such overload: double.trim()", 14), ("size(params.count)", "no such overload: size(double)", 1),
        ("money('x', 'BRL')", "no such overload: money(string, string)", 1),
        ("params.id.exists(x, x == 1)", "exists() walks over a list or a map, not a value of type string", 11),
        ("params.tags.filter(t, t)", "`filter` takes a bool, not a value of type string", 23),
        ("params.tags.exists(t, t.prize == 1)", "a value of type string has no member `prize`", 25),
        ("env", "`env` needs the name of a variable (write env.NAME)", 1),
        ("now > '2026-01-01T00:00:00Z'", "no such overload: timestamp > string; make it a timestamp with timestamp(x)", 5),
        ("math.ceil(1)", "no such overload: math.ceil(int)", 6),
    ])
    func `what can never work is told once, where it stands`(_ source: String, _ message: String, _ column: Int) throws {
        let problems = try check(source).problems
        let texts = problems.map { $0.message.english + ($0.hint.map { " (\($0.english))" } ?? "") }
        #expect(texts == [message])
        #expect(problems.first?.location.column == column)
        #expect(problems.allSatisfy { !$0.message.portuguese.isEmpty && $0.message.portuguese != $0.message.english })
    }

    @Test(arguments: [
        ("now - duration('90 minutes') < now", "duration(): the text is no duration, such as 90s, 1h30m or 7d"),
        ("timestamp('yesterday') < now", "timestamp(): the text is no time in RFC 3339, such as 2026-01-19T18:00:00Z"),
        ("money(params.count, 'reais')", "money(): a currency is a code of three capital letters, such as 'BRL'"),
        ("int('seven')", "int(): the text is no 64-bit integer"), ("'abc'.charAt(7)", "charAt(): the index is out of range of the text"),
    ])
    func `what is written out is tried at once`(_ source: String, _ message: String) throws {
        #expect(try check(source).problems.map(\.message.english) == [message])
    }

    @Test func `one mistake has no consequences, and several are told together`() throws {
        #expect(try check("params.idd + 1 > 2.0 && parms.x.y.size() == 'a'").problems.map(\.location.column) == [8, 25, 42])
        #expect(try check("(params.count + 1) * 2.0 > 3").problems.count == 1)
    }

    @Test(arguments: [
        ("params.paused", true), ("params.any", true), ("facts.x", true), ("params.id", false), ("1", false), ("null", false),
    ])
    func `a condition has to be true or false`(_ source: String, _ isRight: Bool) throws {
        #expect(try check(source, isCondition: true).problems.isEmpty == isRight)
        #expect(try check(source).problems.isEmpty)
    }

    static let schemas: [(JSON, ExpressionType)] = [
        (["type": "number"], .double), (["enum": ["a"]], .dyn), (["$ref": "#/x", "type": "string"], .dyn), (["type": "object"], .map(.dyn)),
        (["type": "object", "additionalProperties": false], .members([:])), (true, .dyn), (["type": "array"], .list(.dyn)),
        (["properties": ["a": ["type": "null"]]], .members(["a": .null])),
        (["type": "object", "properties": [:], "additionalProperties": true], .object(ExpressionMembers([:], isOpen: true))),
    ]

    @Test(arguments: schemas)
    func `a JSON Schema says what is known`(_ schema: JSON, _ type: ExpressionType) {
        #expect(ExpressionType(schema: schema) == type)
    }
}
