import BatutaCore
import Testing

@Suite struct ExpressionValueTests {
    static let literals: [(String, String)] = [
        ("1", "1"), ("-1", "-1"), ("0x1F", "31"), ("-0x1f", "-31"), ("42u", "42"), ("0xFFu", "255"), ("1.5", "1.5"), (".5", "0.5"),
        ("1e3", "1000"), ("1.5e-3", "0.0015"), ("2E+2", "200"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775807", "9223372036854775807"), ("18446744073709551615u", "18446744073709551615"), ("true", "true"),
        ("false", "false"), ("null", "null"), ("''", #""""#), (#""a""#, #""a""#), ("'it\"s'", #""it\"s""#), (#"'a\nb'"#, #""a\nb""#),
        (#"'\x41\u00e9\U0001F44B\101'"#, #""Aé👋A""#), (#"'\a\b\f\v\?\`\\'"#, #""\u0007\b\f\u000b?`\\""#), (#"r'a\nb'"#, #""a\\nb""#),
        (#"R"\d+""#, #""\\d+""#), ("'''a\n'b' \"c\"'''", #""a\n'b' \"c\"""#), ("\"\"\"x\"\"\"", #""x""#), ("r'''\\'''", #""\\""#),
        ("b'abc'", #""YWJj""#), (#"b'\xff\x00'"#, #""/wA=""#), (#"b'é'"#, #""w6k=""#), (#"br'\x'"#, #""XHg=""#), ("[]", "[]"),
        ("[1, 'a', [true]]", #"[1,"a",[true]]"#), ("[1, 2,]", "[1,2]"), ("{}", "{}"), ("{'a': 1, 'b': {'c': 2}}", #"{"a":1,"b":{"c":2}}"#),
        ("{'a': 1,}", #"{"a":1}"#), ("{1: 'x', 2u: 'y', true: 'z'}", #"{"1":"x","2":"y","true":"z"}"#), ("(1)", "1"),
        ("1 // a comment", "1"), ("\n 1\t+\r\n 2", "3"), ("- 5", "-5"), ("--5", "5"), ("!!true", "true"), ("-(-5)", "5"),
    ]

    static let values: [(String, String)] = [
        ("params.id", "12345678901234567890"), ("params.price", "1240.50"), ("params.one", "1.0"), ("params", "params"),
        ("params.flags.a", "true"), ("params['name']", #""Inverno 2026""#), ("params.`content-type`", #""json""#),
        ("params['content-type']", #""json""#), ("params.tags[0]", #""x""#), ("params.tags[params.two]", #""z""#),
        ("params.tags[params.one]", #""y""#), ("params.tags[1u]", #""y""#), ("params.tags[2.0]", #""z""#), ("params.nested[0][1]", "2"),
        ("results[1].error", #""gone""#), ("{'a': [1, 2]}.a[1]", "2"), ("{1: 'x'}[1]", #""x""#), ("{1: 'x'}[1u]", #""x""#),
        ("{1: 'x'}[1.0]", #""x""#),
        ("{true: 1}[true]", "1"), ("[params.id, params.price]", "[12345678901234567890,1240.50]"),
        ("{'n': params.id}", #"{"n":12345678901234567890}"#),
        ("params.none", "null"), ("text", #""Olá, mundo 👋""#), ("env.META_BASE_URL", #""https://graph.example""#),
        ("env['META_BASE_URL'] + '/x'", #""https://graph.example/x""#), ("env.limits.a", "5"), ("secret.TOKEN", #""s3cret""#),
        (".input", #""Hello""#),
        ("now", #""2026-01-19T18:00:00Z""#), ("call.started_at", #""2026-01-19T18:00:00Z""#), ("call.took", #""1.5s""#),
        ("call", #"{"id":"call_1","started_at":"2026-01-19T18:00:00Z","took":"1.5s"}"#),
    ]

    static let arithmetic: [(String, String)] = [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("7 / 2", "3"), ("-7 / 2", "-3"), ("7 % 3", "1"), ("-7 % 3", "-1"), ("7u / 2u", "3"),
        ("7.0 / 2.0", "3.5"),
        ("1 - 2 - 3", "-4"), ("2u * 3u", "6"), ("0.1 + 0.2", "0.30000000000000004"), ("'a' + 'b'", #""ab""#), ("[1] + [2]", "[1,2]"),
        ("b'a' + b'b'", #""YWI=""#), ("params.count + 1.0", "4"), ("params.count * params.two", "6"), ("facts.metrics.spend - 0.5", "1240"),
        ("facts.summary.total_spend / profile.monthly_budget_limit * 100.0", "85"), ("-params.count", "-3"), ("int(params.count) + 1", "4"),
        ("1.0 / 3.0", "0.3333333333333333"), ("1e200 * 1e100", "1e+300"), ("params.tags + ['w']", #"["x","y","z","w"]"#),
    ]

    static let comparisons: [(String, String)] = [
        ("1 < 2", "true"), ("2 <= 2", "true"), ("3 > 4", "false"), ("'a' < 'b'", "true"), ("'a' < 'B'", "false"), ("false < true", "true"),
        ("b'a' < b'b'", "true"), ("1 == 1.0", "true"), ("1u == 1", "true"), ("1 < 1.5", "true"), ("2u > 1.5", "true"), ("1 == 1u", "true"),
        ("params.count == 3", "true"), ("3 == params.count", "true"), ("params.count == 3u", "true"), ("params.count != 3", "false"),
        ("params.count > 2", "true"), ("params.price > 1240", "true"),
        ("facts.metrics.ctr > 2.0", "true"), ("params.big == params.bigger", "false"), ("params.big == 9007199254740993", "true"),
        ("params.id == params.id", "true"),
        ("9007199254740993 == 9007199254740992.0", "false"), ("9223372036854775807 < 9223372036854775808.0", "true"), ("-1 < 0u", "true"),
        ("1e300 > 5", "true"),
        ("-1e300 < 5", "true"), ("1.0/0.0 > 5", "true"), ("0.0/0.0 == 0.0/0.0", "false"), ("0.0/0.0 != 1", "true"),
        ("0.0/0.0 < 1", "false"),
        ("'a' == 1", "false"), ("null == null", "true"), ("null == 0", "false"), ("params.none == null", "true"), ("true == 1", "false"),
        ("[1, 2] == [1.0, 2u]", "true"),
        ("[1] == [1, 2]", "false"), ("{'a': 1} == {'a': 1.0}", "true"), ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"),
        ("{'a': 1} == {'b': 1}", "false"),
        ("params.flags == {'a': true, 'b': false}", "true"), ("params.nested == [[1, 2], [3]]", "true"), ("'é' == 'e\\u0301'", "false"),
        ("1 in [1, 2]", "true"), ("1.0 in [1]", "true"), ("'x' in params.tags", "true"), ("'q' in params.tags", "false"),
        ("'a' in params.flags", "true"), ("1 in params.flags", "false"),
        ("!('a' in {})", "true"), ("3 in [params.count]", "true"), ("1 in {1u: 'x'}", "true"), ("[1] in [[1]]", "true"),
        ("call.took > duration('1s')", "true"),
        ("type(1) == int", "true"), ("type(1u) == uint", "true"), ("type(params.count) == double", "true"), ("type('a') == string", "true"),
        ("type(b'') == bytes", "true"),
        ("type([]) == list", "true"), ("type({}) == map", "true"), ("type(null) == null_type", "true"), ("type(int) == type", "true"),
        ("type(true)", #""bool""#),
        ("type(now) == google.protobuf.Timestamp", "true"), ("type(call.took) == google.protobuf.Duration", "true"), ("int == int", "true"),
    ]

    static let logic: [(String, String)] = [
        ("true && false", "false"), ("true || false", "true"), ("!true", "false"), ("true ? 1 : 2", "1"), ("false ? 1 : true ? 2 : 3", "2"),
        ("true ? true ? 1 : 2 : 3", "1"), ("params.missing || true", "true"), ("true || params.missing", "true"),
        ("params.missing && false", "false"), ("false && params.missing", "false"),
        ("1 / 0 > 1 || true", "true"), ("'a' || true", "true"), ("1 && false", "false"), ("false || false || true", "true"),
        ("true ? 1 : params.missing", "1"),
        ("has(params.name)", "true"), ("has(params.missing)", "false"), ("has(params.none)", "true"), ("has(params.flags.a)", "true"),
        ("has(env.META_BASE_URL)", "true"),
        ("has(env.NOTHING)", "false"), ("has(empty.x)", "false"), ("has(params.x) ? params.x : 'none'", #""none""#),
        ("has({'a': 1}.a)", "true"), ("has(call.started_at)", "true"),
        ("run.schedule == 'auto_optimize' && facts.metrics.spend > 5000.0", "false"), ("output.kind == 'report'", "true"),
        ("output.score < 7", "true"),
        ("results[1].success ? 'paused' : results[1].error", #""gone""#), ("1 < 2 == true", "true"), ("!false && true", "true"),
        ("true || 1", "true"),
    ]

    static let macros: [(String, String)] = [
        ("[1, 2, 3].all(x, x > 0)", "true"), ("[1, 2].all(x, x > 1)", "false"), ("[].all(x, false)", "true"),
        ("[1, 2].exists(x, x == 2)", "true"), ("[].exists(x, true)", "false"),
        ("[1, 2, 2].exists_one(x, x == 2)", "false"), ("[1, 2].exists_one(x, x == 2)", "true"), ("[1, 2].existsOne(x, x == 2)", "true"),
        ("[1, 2].map(x, x * 2)", "[2,4]"),
        ("[1, 2, 3].map(x, x > 1, x * 2)", "[4,6]"), ("[1, 2, 3].filter(x, x != 2)", "[1,3]"),
        ("params.tags.map(t, t + '!')", #"["x!","y!","z!"]"#),
        ("{'a': 1, 'b': 2}.all(k, k != 'c')", "true"), ("{'a': 1, 'b': 2}.map(k, k)", #"["a","b"]"#),
        ("params.flags.filter(k, params.flags[k])", #"["a"]"#),
        ("facts.active.campaigns.filter(c, c.name == params.name)[0].id", #""238""#),
        ("facts.active.campaigns.exists(c, c.status == 'ACTIVE')", "true"),
        ("[[1, 2], [3]].map(x, x.map(y, y + size(x)))", "[[3,4],[4]]"), ("[1].map(x, [2].map(x, x))", "[[2]]"),
        ("[1].map(x, [2].map(y, x + y))", "[[3]]"),
        ("[0, 1].exists(x, 1 / x == 1)", "true"), ("[0, 1].all(x, 1 / x == 5)", "false"), ("[1, 2].map(input, input)", "[1,2]"),
        ("[1].map(input, .input)", #"["Hello"]"#),
        ("results[0].data.campaigns.map(c, c.id)", #"["7"]"#), ("size(facts.active.campaigns) == 2", "true"),
        ("[3, 1].map(int, int + 1)", "[4,2]"),
    ]

    static let all: [(String, String)] = Array([literals, values, arithmetic, comparisons, logic, macros].joined())

    @Test(arguments: all)
    func `an expression has the value that CEL gives it`(source: String, expected: String) throws {
        let wanted = expected == "params" ? try JSON.parse(ExpressionSample.text)["params"]?.text : try JSON.parse(expected).text
        #expect(try ExpressionSample.evaluate(source).text == wanted, "\(source)")
    }
}
