import BatutaCore
import Testing

@Suite struct ExpressionFunctionTests {
    static let conversions: [(String, String)] = [
        ("size('Olá 👋')", "5"), ("'abc'.size()", "3"), ("size(b'é')", "2"), ("size([1, 2])", "2"), ("size({'a': 1})", "1"),
        ("params.tags.size()", "3"), ("size(params.flags) == 2", "true"),
        ("size(params.name) < 500", "true"), ("int('42')", "42"), ("int('-7')", "-7"), ("int(1.9)", "1"), ("int(-1.9)", "-1"),
        ("int(5u)", "5"), ("int(params.count)", "3"), ("int(params.big)", "9007199254740993"),
        ("int(timestamp('1970-01-01T00:01:00Z'))", "60"), ("uint(5)", "5"), ("uint('7')", "7"), ("uint(3.7)", "3"),
        ("uint(params.id)", "12345678901234567890"), ("double(3)", "3"), ("double('1.5')", "1.5"),
        ("double(params.price)", "1240.50"), ("double(2u)", "2"), ("string(1)", #""1""#), ("string(1u)", #""1""#),
        ("string(1.5)", #""1.5""#), ("string(3.0)", #""3""#), ("string(true)", #""true""#),
        ("string(params.id)", #""12345678901234567890""#),
        ("string(b'abc')", #""abc""#), ("string('x')", #""x""#), ("string(now)", #""2026-01-19T18:00:00Z""#),
        ("string(duration('1h'))", #""3600s""#), ("bool('true')", "true"), ("bool('0')", "false"), ("bool(true)", "true"),
        ("bytes('é')", #""w6k=""#), ("dyn(1)", "1"), ("dyn(params.id)", "12345678901234567890"), ("duration('90s')", #""90s""#),
        ("duration('1h30m')", #""5400s""#), ("duration('1.5s')", #""1.5s""#), ("duration('-250ms')", #""-0.25s""#),
        ("duration('7d') == duration('168h')", "true"), ("duration('1us') == duration('1000ns')", "true"), ("duration('0')", #""0s""#),
        ("timestamp('2026-01-19T15:00:00-03:00')", #""2026-01-19T18:00:00Z""#),
        ("timestamp('2026-01-19T18:00:00+0000') >= call.started_at", "true"),
        ("timestamp('2026-01-19T18:00:00.123456789Z')", #""2026-01-19T18:00:00.123456789Z""#), ("timestamp(0)", #""1970-01-01T00:00:00Z""#),
        ("timestamp('0001-01-01T00:00:00Z')", #""0001-01-01T00:00:00Z""#),
        ("timestamp('9999-12-31T23:59:59.999999999Z')", #""9999-12-31T23:59:59.999999999Z""#),
    ]

    static let times: [(String, String)] = [
        ("now + duration('1h')", #""2026-01-19T19:00:00Z""#), ("duration('1h') + now", #""2026-01-19T19:00:00Z""#),
        ("now - duration('1d')", #""2026-01-18T18:00:00Z""#), ("now - timestamp('2026-01-19T17:00:00Z')", #""3600s""#),
        ("duration('1h') - duration('30m')", #""1800s""#), ("duration('1h') + duration('30m')", #""5400s""#),
        ("now > timestamp('2025-01-01T00:00:00Z')", "true"), ("now.getFullYear()", "2026"), ("now.getMonth()", "0"),
        ("now.getDate()", "19"), ("now.getDayOfMonth()", "18"), ("now.getDayOfWeek()", "1"), ("now.getDayOfYear()", "18"),
        ("now.getHours()", "18"), ("now.getHours('-03:00')", "15"), ("now.getHours('02:00')", "20"), ("now.getHours('+05:30')", "23"),
        ("now.getMinutes('+05:30')", "30"), ("now.getMinutes()", "0"), ("now.getSeconds()", "0"),
        ("timestamp('2026-01-19T18:00:07.25Z').getMilliseconds()", "250"), ("timestamp('2026-01-19T18:00:07Z').getSeconds()", "7"),
        ("timestamp('2026-01-01T01:00:00Z').getFullYear('-03:00')", "2025"),
        ("timestamp('2026-01-01T01:00:00Z').getDayOfYear('-03:00')", "364"), ("now.getHours('UTC')", "18"),
        ("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", "3"), ("timestamp('1969-12-31T23:59:59.5Z').getSeconds()", "59"),
        ("duration('1h30m').getHours()", "1"), ("duration('1h30m').getMinutes()", "90"), ("duration('2s').getSeconds()", "2"),
        ("duration('1500ms').getMilliseconds()", "1500"), ("duration('1s') < duration('2s')", "true"),
    ]

    static let strings: [(String, String)] = [
        ("'hello'.contains('ell')", "true"), ("'hello'.contains('')", "true"), ("'hello'.contains('x')", "false"),
        ("'aabaabaaab'.contains('aaab')", "true"), ("'hello'.startsWith('he')", "true"), ("'hello'.startsWith('lo')", "false"),
        ("'hello'.endsWith('lo')", "true"),
        ("'x'.endsWith('xx')", "false"), ("'abc'.matches('^a.c$')", "true"), ("'abc'.matches('b')", "true"),
        ("matches('abc', r'\\d')", "false"), ("params.campaign_id.matches('^[0-9]+$')", "true"), ("'abc'.matches(params.tags[0])", "false"),
        ("'Olá'.charAt(2)", #""á""#), ("'ab'.charAt(2)", #""""#), ("'héllo'.indexOf('l')", "2"), ("'hello'.indexOf('l', 3)", "3"),
        ("'hello'.indexOf('z')", "-1"), ("'hello'.indexOf('')", "0"), ("'hello'.lastIndexOf('l')", "3"),
        ("'hello'.lastIndexOf('l', 2)", "2"), ("'hello'.lastIndexOf('')", "5"), ("'hello'.lastIndexOf('z')", "-1"),
        ("['a', 'b'].join()", #""ab""#), ("['a', 'b'].join(', ')", #""a, b""#), ("[].join('x')", #""""#),
        ("params.tags.join('-')", #""x-y-z""#), ("'OLÁ'.lowerAscii()", #""olÁ""#), ("'olá'.upperAscii()", #""OLá""#),
        ("'hello'.replace('l', 'L')", #""heLLo""#), ("'hello'.replace('l', 'L', 1)", #""heLlo""#),
        ("'hello'.replace('l', 'L', 0)", #""hello""#), ("'ab'.replace('', '-')", #""-a-b-""#), ("'é'.replace('', '-', 1)", #""-é""#),
        ("'a,b,c'.split(',')", #"["a","b","c"]"#), ("'a,b,c'.split(',', 2)", #"["a","b,c"]"#), ("'a,b'.split(',', 0)", "[]"),
        ("'a,b'.split(',', 1)", #"["a,b"]"#), ("'aé'.split('')", #"["a","é"]"#), ("''.split('')", "[]"), ("''.split(',')", #"[""]"#),
        ("'abc'.split('', 2)", #"["a","bc"]"#),
        ("'hello'.substring(2)", #""llo""#), ("'hello'.substring(1, 3)", #""el""#), ("'hello'.substring(5)", #""""#),
        ("'Olá'.substring(params.two)", #""á""#), ("'  a b \\n'.trim()", #""a b""#), ("'   '.trim()", #""""#),
        ("'abc'.reverse()", #""cba""#), ("[1, 2].reverse()", "[2,1]"), ("strings.quote('a\"b\\n')", #""\"a\\\"b\\n\"""#),
        ("'%s is %d'.format(['x', 5])", #""x is 5""#), ("'%.2f%%'.format([2.345])", #""2.35%""#), ("'%.1f'.format([2])", #""2.0""#),
        ("'%f'.format([1.5])", #""1.500000""#), ("'%e'.format([1234.5])", #""1.234500e+03""#),
        ("'%.2e'.format([0.00099999])", #""1.00e-03""#), ("'%x %X %o %b'.format([255, 255, 8, 5])", #""ff FF 10 101""#),
        ("'%x'.format(['az'])", #""617a""#), ("'%s'.format([[1, 'a', null]])", #""[1, a, null]""#),
        ("'%s'.format([{'b': 1, 'a': [true]}])", #""{a: [true], b: 1}""#),
        ("'%s'.format([params.id])", #""12345678901234567890""#), ("'%d'.format([params.count])", #""3""#),
        ("'none'.format([])", #""none""#), ("'%s %s'.format([now, duration('1m')])", #""2026-01-19T18:00:00Z 60s""#),
    ]

    static let numbers: [(String, String)] = [
        ("math.greatest(1, 2.5, 2u)", "2.5"), ("math.least([3, 1, 2])", "1"), ("math.greatest(params.count, 1)", "3"),
        ("math.abs(-5)", "5"), ("math.abs(-1.5)", "1.5"), ("math.ceil(1.2)", "2"), ("math.floor(-1.2)", "-2"), ("math.round(2.5)", "3"),
        ("math.round(-2.5)", "-3"), ("math.trunc(-1.9)", "-1"), ("math.sign(-3)", "-1"), ("math.sign(0.0)", "0"),
    ]

    static let all: [(String, String)] = Array([conversions, times, strings, numbers].joined())

    @Test(arguments: all)
    func `a function gives what CEL says`(source: String, expected: String) throws {
        #expect(try ExpressionSample.evaluate(source).text == JSON.parse(expected).text, "\(source)")
    }

    static let written: [(String, String, String)] = [
        ("number(1240.5, 1)", "1,240.5", "1.240,5"), ("number(1240.5, 2)", "1,240.50", "1.240,50"),
        ("number(facts.metrics.ctr, 2)", "2.31", "2,31"), ("number(85.0, 0)", "85", "85"),
        ("number(params.id, 0)", "12,345,678,901,234,567,890", "12.345.678.901.234.567.890"),
        ("number(2.675, 2)", "2.68", "2,68"), ("number(-1234567.891, 2)", "-1,234,567.89", "-1.234.567,89"),
        ("number(0, 2)", "0.00", "0,00"), ("number(999.995, 2)", "1,000.00", "1.000,00"), ("number(-0.001, 2)", "0.00", "0,00"),
        ("number(0.5, 0)", "1", "1"), ("number(0.05, 1)", "0.1", "0,1"), ("number(0.04, 1)", "0.0", "0,0"),
        ("number(0.0049, 2)", "0.00", "0,00"), ("number(99.5, 0)", "100", "100"),
        ("number(1240.5)", "1,240.5", "1.240,5"), ("number(3)", "3", "3"), ("number(1.0 / 3.0)", "0.333333", "0,333333"),
        ("number(100, 2)", "100.00", "100,00"), ("number(1000u, 0)", "1,000", "1.000"),
        ("number(1e21, 0)", "1,000,000,000,000,000,000,000", "1.000.000.000.000.000.000.000"),
        ("number(0.000001234, 6)", "0.000001", "0,000001"),
        ("money(1240.0, 'BRL')", "R$1,240.00", "R$ 1.240,00"), ("money(12.5, 'USD')", "$12.50", "US$ 12,50"),
        ("money(12.5, 'EUR')", "€12.50", "€ 12,50"), ("money(12.5, 'GBP')", "£12.50", "£ 12,50"),
        ("money(12.5, 'CHF')", "CHF 12.50", "CHF 12,50"), ("money(-10, 'BRL')", "-R$10.00", "-R$ 10,00"),
        ("money(1500, 'JPY')", "JPY 1,500", "JPY 1.500"), ("money(params.price, 'BRL')", "R$1,240.50", "R$ 1.240,50"),
        ("money(-0.001, 'USD')", "$0.00", "US$ 0,00"),
    ]

    @Test(arguments: written) func `numbers and money read as in the reader's language`(source: String, english: String, portuguese: String)
        throws
    {
        #expect(try ExpressionSample.evaluate(source) == .string(english))
        #expect(try ExpressionSample.evaluate(source, language: "en-GB") == .string(english))
        #expect(try ExpressionSample.evaluate(source, language: "pt-BR") == .string(portuguese))
        #expect(try ExpressionSample.evaluate(source, language: "pt") == .string(portuguese))
    }
}
