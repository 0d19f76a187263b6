import BatutaCore
import Testing

@Suite struct ExpressionErrorTests {
    static let evaluation: [(String, ExpressionError.Code)] = [
        ("params.missing", .noSuchKey), ("facts.metrics.nope > 1.0", .noSuchKey), ("params['q']", .noSuchKey), ("env.NOTHING", .noSuchKey),
        ("env['NOTHING']", .noSuchKey), ("secret.OTHER", .noSuchKey), ("has(params.missing.deeper)", .noSuchKey), ("{1: 2}[3]", .noSuchKey),
        ("parms.id", .unknownName), ("x", .unknownName), ("[1].map(y, x)", .unknownName), ("env", .wrongType), ("env[1]", .wrongType),
        ("1 / 0", .divisionByZero), ("1 % 0", .divisionByZero), ("1u / 0u", .divisionByZero), ("9223372036854775807 + 1", .overflow),
        ("-9223372036854775808 - 1", .overflow), ("9223372036854775807 * 2", .overflow), ("-9223372036854775808 / -1", .overflow),
        ("-9223372036854775808 % -1", .overflow), ("-(-9223372036854775808)", .overflow), ("1u - 2u", .overflow),
        ("18446744073709551615u + 1u", .overflow),
        ("int(1e300)", .overflow), ("int(-1e19)", .overflow), ("int(0.0 / 0.0)", .overflow), ("int(1.0 / 0.0)", .overflow),
        ("uint(-1)", .overflow), ("uint(-1.5)", .overflow), ("uint(1e30)", .overflow), ("int(18446744073709551615u)", .overflow),
        ("int('9223372036854775808')", .invalidArgument), ("int('1.5')", .invalidArgument), ("int('')", .invalidArgument),
        ("double('x')", .invalidArgument), ("bool('yes')", .invalidArgument), ("1.0 / 0.0", .overflow), ("[0.0 / 0.0]", .overflow),
        ("params.count + 1", .wrongType), ("1 + 1.0", .wrongType), ("1 + 1u", .wrongType), ("'a' + 1", .wrongType),
        ("'a' - 'b'", .wrongType), ("true + true", .wrongType), ("null + 1", .wrongType), ("5.0 % 2.0", .wrongType),
        ("params.count % 2", .wrongType), ("[1] * 2", .wrongType), ("-'a'", .wrongType), ("-true", .wrongType), ("-1u", .wrongType),
        ("!1", .wrongType), ("!'true'", .wrongType), ("1 < 'a'", .wrongType), ("null < null", .wrongType), ("[1] < [2]", .wrongType),
        ("1 < 2 < 3", .wrongType), ("now < '2026'", .wrongType), ("true < 1", .wrongType),
        ("1 ? 2 : 3", .wrongType), ("null ? 2 : 3", .wrongType), ("1 && true", .wrongType), ("true && 'x'", .wrongType),
        ("false || params.count", .wrongType), ("params.missing || false", .noSuchKey), ("true && params.missing", .noSuchKey),
        ("1 in 'a'", .wrongType), ("'a' in 'abc'", .wrongType), ("1 in 1", .wrongType),
        ("params.name.first", .wrongType), ("params.none.x", .wrongType), ("params.tags.x", .wrongType), ("params.count[0]", .wrongType),
        ("'abc'[0]", .wrongType), ("has(params.name.x)", .wrongType), ("params.tags[3]", .indexOutOfRange),
        ("params.tags[-1]", .indexOutOfRange), ("params.tags[9223372036854775807]", .indexOutOfRange),
        ("params.tags[18446744073709551615u]", .wrongType), ("params.tags[1.5]", .wrongType), ("params.tags['0']", .wrongType),
        ("params.tags[params.price]", .wrongType), ("{1.5: 2}", .wrongType), ("{[1]: 2}", .wrongType), ("{null: 2}", .wrongType),
        ("{'a': 1, 'a': 2}", .invalidArgument), ("{1: 1, 1u: 2}", .invalidArgument), ("{'a': 1}[[1]]", .wrongType),
        ("1.all(x, true)", .wrongType), ("'abc'.map(x, x)", .wrongType), ("[1, 2].all(x, x)", .wrongType), ("[1].filter(x, 1)", .wrongType),
        ("[1, 0].all(x, 1 / x == 1)", .divisionByZero), ("[0].exists_one(x, 1 / x == 1)", .divisionByZero),
        ("[0].map(x, 1 / x)", .divisionByZero),
        ("size(1)", .wrongType), ("size(null)", .wrongType), ("'a'.contains(1)", .wrongType), ("params.count.contains('a')", .wrongType),
        ("'a'.charAt(2)", .indexOutOfRange), ("'a'.charAt(-1)", .indexOutOfRange), ("'abc'.substring(2, 1)", .indexOutOfRange),
        ("'abc'.substring(4)", .indexOutOfRange), ("'abc'.substring(0, 9223372036854775807)", .indexOutOfRange),
        ("'abc'.indexOf('a', 9)", .indexOutOfRange), ("'abc'.lastIndexOf('a', -1)", .indexOutOfRange),
        ("'abc'.charAt(9223372036854775807)", .indexOutOfRange),
        ("['a', 1].join()", .invalidArgument), ("'a'.join()", .wrongType), ("'%d'.format(['x'])", .wrongType),
        ("'%s'.format([])", .invalidArgument), ("'%'.format([1])", .invalidArgument), ("'%q'.format([1])", .invalidArgument),
        ("'%.999f'.format([1.0])", .invalidArgument), ("'%.99999999999999999999f'.format([1.0])", .invalidArgument),
        ("'%s'.format('x')", .wrongType), ("'%é'.format([1])", .invalidArgument), ("'a'.matches(params.tags)", .wrongType),
        ("'a'.matches('(' + '')", .invalidArgument), ("1.matches('a')", .wrongType), ("string([1])", .wrongType),
        ("string(null)", .wrongType), ("string(b'\\xff')", .invalidArgument), ("bytes(1)", .wrongType), ("int(true)", .wrongType),
        ("int(null)", .wrongType), ("int([])", .wrongType),
        ("timestamp('yesterday')", .invalidArgument), ("timestamp('2026-02-30T00:00:00Z')", .invalidArgument),
        ("timestamp('')", .invalidArgument), ("timestamp('2026-01-19T18:00:00.Z')", .invalidArgument),
        ("timestamp('2026-01-19T18:00:00')", .invalidArgument), ("timestamp(true)", .wrongType),
        ("timestamp(9223372036854775807)", .overflow), ("timestamp('9999-12-31T23:59:59Z') + duration('1d')", .overflow),
        ("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", .overflow), ("duration('x')", .invalidArgument),
        ("duration('')", .invalidArgument), ("duration('1')", .invalidArgument), ("duration('s')", .invalidArgument),
        ("duration('1.s.')", .invalidArgument), ("duration('-')", .invalidArgument), ("duration('999999999999999999h')", .invalidArgument),
        ("duration('9999999999999999999999s')", .invalidArgument), ("duration('80000000h') + duration('80000000h')", .overflow),
        ("duration(5)", .wrongType), ("now + now", .wrongType), ("duration('1s') - now", .wrongType),
        ("now.getHours('Mars/Base')", .invalidArgument), ("now.getHours('../etc')", .invalidArgument),
        ("now.getHours('+99:00')", .invalidArgument), ("now.getHours(1)", .wrongType), ("duration('1h').getHours('UTC')", .wrongType),
        ("duration('1h').getFullYear()", .wrongType), ("'a'.getHours()", .wrongType),
        ("number('1', 2)", .wrongType), ("number(null, 2)", .wrongType), ("number(1.0, 21)", .invalidArgument),
        ("number(1.0, -1)", .invalidArgument), ("number(1.0, 9223372036854775807)", .invalidArgument), ("number(1.0, 'a')", .wrongType),
        ("number(1.0 / 0.0, 2)", .overflow), ("number(params.missing, 2)", .noSuchKey), ("money(1.0, 'R$')", .invalidArgument),
        ("money(1.0, 'brl')", .invalidArgument), ("money(1.0, 5)", .wrongType), ("money('1', 'BRL')", .wrongType),
        ("math.greatest([])", .invalidArgument), ("math.greatest('a', 1)", .wrongType), ("math.abs(-9223372036854775808)", .overflow),
        ("math.round(1)", .wrongType), ("math.abs('a')", .wrongType), ("strings.quote(1)", .wrongType),
    ]

    @Test(arguments: evaluation) func `DESIGN 9.17 an expression that has no value is an error with its cause`(
        source: String,
        code: ExpressionError.Code
    ) throws {
        let error = try ExpressionSample.evaluationError(source)
        #expect(error?.code == code, "\(source): \(error?.message.english ?? "no error")")
        #expect(error?.reason.english.isEmpty == false)
    }

    static let syntax: [(String, String)] = [
        ("", "the expression is empty at column 1"), ("   ", "the expression is empty at column 4"),
        ("1 +", "the expression is not complete at column 4"), ("(1", "expected `)`, found the end at column 3"),
        ("(1 + 2 * x]", "expected `)`, found `]` at column 11"), ("[1", "expected `]`, found the end at column 3"),
        ("{'a'}", "expected `:`, found `}` at column 5"), ("1 2", "unexpected a number at column 3"), ("a b", "unexpected `b` at column 3"),
        ("a ? b", "expected `:`, found the end at column 6"),
        ("a.", "expected a member's name after `.`, found the end at column 3"), ("a.1", "unexpected a number at column 2"),
        ("a = 1", "`=` is no operator; write `==` to compare at column 3"), ("a & b", "`&` is no operator; write `&&` at column 3"),
        ("a | b", "`|` is no operator; write `||` at column 3"), ("a === b", "`=` is no operator; write `==` to compare at column 5"),
        ("#", "unexpected character `#` at column 1"), ("é", "unexpected character `é` at column 1"),
        ("'á' + é", "unexpected character `é` at column 7"), ("1 +\n  #", "unexpected character `#` at line 2, column 3"),
        ("'abc", "the text that begins here has no closing quote at column 1"),
        ("'a\nb'", "the text that begins here has no closing quote at column 1"),
        ("'''a", "the text that begins here has no closing quote at column 1"),
        ("'\\q'", "unknown escape; a backslash itself is written `\\\\`, or use r'…' at column 2"),
        ("'\\x4'", "the escape needs 2 hexadecimal digits at column 2"), ("'\\ud800'", "the escape is no Unicode character at column 2"),
        ("'\\U00110000'", "the escape is no Unicode character at column 2"), ("'\\08'", "the escape needs 3 octal digits at column 2"),
        ("b'\\u0041'", "`\\u` has no place in bytes; write `\\x` at column 3"),
        ("9223372036854775808", "the number does not fit a 64-bit integer at column 1"),
        ("99999999999999999999", "the number does not fit a 64-bit integer; write it as a double or a text at column 1"),
        ("18446744073709551616u", "the number does not fit 64 bits at column 1"),
        ("1e999", "the number is too large for a double at column 1"), ("12abc", "a number is followed directly by `a` at column 3"),
        ("0x", "a number is followed directly by `x` at column 2"), ("if", "`if` is a reserved word and no name at column 1"),
        ("for + 1", "`for` is a reserved word and no name at column 1"), ("in", "unexpected `in` at column 1"),
        ("a.in", "expected a member's name after `.`, found `in` at column 3"), ("`a`", "unexpected `a` at column 1"),
        ("a.`b", "a name in backticks holds letters, digits, `_`, `-`, `.`, `/` and blanks and ends with a backtick at column 3"),
        ("Foo{a: 1}", "messages of the form `Type{…}` are not supported; write a map at column 4"), ("a, b", "unexpected `,` at column 2"),
        ("[1,,2]", "unexpected `,` at column 4"), ("has(a)", "has() takes a member, such as has(params.name) at column 5"),
        ("has(a[0])", "has() takes a member, such as has(params.name) at column 5"),
        ("[1].map(1, x)", "map() takes the name of a variable first: list.map(x, …) at column 9"),
        ("[1].all(x)", "expected `,`, found `)` at column 10"), ("[1].all(x, 1, 2)", "write all(x, condition) at column 5"),
        ("[1].map(x, 1, 2, 3)", "write map(x, value) or map(x, condition, value) at column 5"),
        ("lenght(a)", "unknown function `lenght` at column 1"), ("sise(a)", "unknown function `sise` (did you mean size?) at column 1"),
        ("a.contain('b')", "unknown function `contain` (did you mean contains?) at column 3"),
        ("contains(a, b)", "contains() is written x.contains(…) at column 1"), ("a.int()", "int() is written int(x) at column 3"),
        ("size(a, b)", "size() takes 1 argument, not 2 at column 1"),
        ("a.substring()", "substring() takes 1 to 2 arguments, not 0 at column 3"),
        ("money(1.0)", "money() takes 2 arguments, not 1 at column 1"),
        ("math.rond(1.0)", "unknown function `math.rond` (did you mean math.round?) at column 6"),
        ("map(a, b)", "map() is written x.map(…) at column 1"), ("a()", "unknown function `a` at column 1"),
        ("'a'.matches('(')", "the pattern is not usable at `(`: missing ): ( at column 13"),
        ("a.matches(r'(?=x)')", "the pattern is not usable at `(?=`: invalid perl operator"),
    ]

    @Test(arguments: syntax) func `a text that is no expression is refused with the place`(source: String, message: String) {
        let error = ExpressionSample.parseError(source)
        #expect(error?.message.english.hasPrefix(message) == true, "\(source): \(error?.message.english ?? "no error")")
    }

    @Test func `the place of an error counts lines, characters and bytes`() throws {
        let error = try ExpressionSample.evaluationError("'é' ==\n 'ü' ||\n  params.missing")
        #expect(error?.line == 3)
        #expect(error?.column == 10)
        #expect(error?.offset == 26)
        #expect(error?.message.english == "no such key: missing at line 3, column 10")
    }

    @Test func `a condition is true or false and nothing else`() throws {
        let scope = try ExpressionSample.scope()
        #expect(try Expression("params.count > 2").condition(in: scope))
        #expect(try !Expression("params.count > 3").condition(in: scope))
        for source in ["1", "'true'", "null", "params.count", "[]"] {
            let error = #expect(throws: ExpressionError.self) { try Expression(source).condition(in: scope) }
            #expect(error?.code == .notBoolean)
        }
    }

    @Test func `messages say nothing of the values`() throws {
        let scope = try ExpressionSample.scope()
        for source in [
            "int(secret.TOKEN)", "timestamp(secret.TOKEN)", "secret.TOKEN + 1", "duration(secret.TOKEN)", "bool(secret.TOKEN)",
            "'a'.matches('(' + secret.TOKEN)",
        ] {
            let error = #expect(throws: ExpressionError.self) { try Expression(source).evaluate(in: scope) }
            #expect(error?.description.contains("s3cret") == false)
        }
    }
}
