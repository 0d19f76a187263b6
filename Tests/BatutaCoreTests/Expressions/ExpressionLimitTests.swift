import BatutaCore
import Testing

@Suite struct ExpressionLimitTests {
    @Test(arguments: ["(", "[", "{'a':", "-", "!", "a ? ", "size(", "[1].map(x, ", "a[", "has(", "1 + (", "--", "!-"])
    func `deep nesting is refused, not followed`(piece: String) {
        for count in [100, 1_000, 5_000] {
            let error = ExpressionSample.parseError(String(repeating: piece, count: count))
            #expect(error?.code == .tooComplex || error?.code == .syntax, "\(piece): \(error?.message.english ?? "no error")")
            #expect(ExpressionSample.parseError(String(repeating: piece, count: count) + "1") != nil)
        }
    }

    @Test(arguments: [" + 1", " * 2", ".a", "[0]", ".size()", " == 1", ".map(x, x)"])
    func `long chains are refused, not followed`(link: String) {
        #expect(ExpressionSample.parseError("a" + String(repeating: link, count: 2_000))?.code == .tooComplex)
        #expect(ExpressionSample.parseError("a" + String(repeating: link, count: 50)) == nil)
    }

    @Test func `conditions may be long and nesting may go as deep as people write`() throws {
        let long = Array(repeating: "params.count == 3", count: 1_000).joined(separator: " && ")
        #expect(try ExpressionSample.evaluate(long) == true)
        let deep = String(repeating: "(", count: 60) + "1" + String(repeating: ")", count: 60)
        #expect(try ExpressionSample.evaluate(deep) == 1)
        #expect(ExpressionSample.parseError(String(repeating: " ", count: 70_000) + "1")?.code == .tooComplex)
    }

    static let hungry: [(String, ExpressionError.Code)] = [
        ("xs.map(a, xs.map(b, xs.map(c, 1)))", .costExceeded), ("xs.all(a, xs.all(b, xs.all(c, xs.all(d, true))))", .costExceeded),
        ("xs.all(a, xs.all(b, xs == xs))", .costExceeded),
        ("xs.map(a, xs + xs + xs + xs)", .costExceeded), ("xs.map(a, long)  .map(s, s + s).join()", .tooLarge),
        ("long.replace('', long)", .tooLarge), ("long.replace('a', long)", .tooLarge), ("xs.map(a, long).join(long)", .tooLarge),
        ("'%s%s%s'.format([xs.map(a, long), xs.map(a, long), xs.map(a, long)])", .tooLarge), ("xs.map(a, strings.quote(long))", .tooLarge),
        ("xs.map(a, xs.map(b, long.upperAscii()))", .tooLarge),
        ("xs.map(a, xs.map(b, long.matches('(x+x+)+y' + string(b))))", .costExceeded),
        ("xs.map(a, xs.map(b, long.contains(long)))", .costExceeded), ("xs.all(a, xs.all(b, long == other))", .costExceeded),
        ("xs.all(a, xs.all(b, long <= other))", .costExceeded), ("xs.all(a, xs.all(b, !(long in {})))", .costExceeded),
        ("xs.exists(a, xs.exists(b, xs.exists(c, false))) || true", .costExceeded),
        ("false || xs.all(a, xs.all(b, xs.all(c, true))) || true", .costExceeded),
    ]

    @Test(arguments: hungry) func `a hostile evaluation is ended as an error`(source: String, code: ExpressionError.Code) throws {
        let list = JSON.array((0..<300).map { .int($0) })
        let long = String(repeating: "a", count: 20_000)
        let scope = ExpressionScope(["xs": list, "long": .string(long), "other": .string(long + "")])
        let expression = try Expression(source)
        let error = #expect(throws: ExpressionError.self) { try expression.evaluate(in: scope) }
        #expect(error?.code == code, "\(source): \(error?.message.english ?? "")")
    }

    @Test func `a result that holds a large value many times is refused, once it may be as large as it is`() throws {
        let large = JSON.array((0..<20_000).map { .int($0) })
        let scope = ExpressionScope([
            "xs": .array((0..<200).map { .int($0) }), "large": large, "long": .string(String(repeating: "x", count: 100_000)),
        ])
        #expect(try Expression("{'a': [large], 'b': long}").evaluate(in: scope)["a"]?[0]?.array?.count == 20_000)
        for source in ["xs.map(x, large)", "xs.map(x, {'k': [large]})", "xs.map(x, long)", "xs.map(x, [{'a': long}])"] {
            let error = #expect(throws: ExpressionError.self) { try Expression(source).evaluate(in: scope) }
            #expect(error?.code == .tooLarge)
        }
        #expect(try Expression("size(xs.map(x, large))").evaluate(in: scope) == 200)
    }

    @Test func `large values pass untouched at no cost`() throws {
        let large = JSON.array((0..<200_000).map { .int($0) })
        let scope = ExpressionScope(["result": ["items": large]])
        #expect(try Expression("result.items").evaluate(in: scope).array?.count == 200_000)
        #expect(try Expression("size(result.items)").evaluate(in: scope) == 200_000)
    }

    static let samples = [
        #"facts.active.campaigns.filter(c, c.name == match.name)[0].id + r'\d' + "a\x41é" + '''x''' + string(1.5e3)"#,
        #"{'a': [1, -2u, 0xFF], "b": has(x.y) ? null : true}.map(k, v, k in ['a']).exists_one(x, !x || x >= 2 && x != b'\xff')"#,
        "a.`b-c`[1 % 2].matches('^x$') // done",
        "timestamp('2026-01-19T18:00:00Z').getHours('-03:00') <= duration('1h').getHours() ? 'é👋' : \"\"\"q\"\"\"",
    ]

    @Test(arguments: samples) func `every piece of an expression parses or is an error`(sample: String) {
        let bytes = Array(sample.utf8)
        for start in bytes.indices {
            for end in start...bytes.count where start == 0 || end == bytes.count {
                _ = ExpressionSample.parseError(String(decoding: bytes[start..<end], as: UTF8.self))
            }
        }
    }

    @Test func `random words parse, evaluate or are errors, and never trap`() throws {
        let words = [
            "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "*", "/", "%", "==", "<", "&&", "||", "in", "1", "2.5", "3u",
            "'a'", "b'\\xff'", "params", "now", "text", "tags", ".map(x, x)", ".size()", "size(", "int(", "-9223372036854775808",
            "1e308", "has(", "x", ".all(x,", "null", "true", "duration('1s')", ".substring(", "string(", "number(", "'%s'.format(",
            "params.id", "params.tags", "0",
        ]
        let random = SeededRandom(seed: 7)
        let scope = try ExpressionSample.scope()
        var evaluated = 0
        for _ in 0..<20_000 {
            let count = Int(random.next() % 9) + 1
            let source = (0..<count).map { _ in words[Int(random.next() % UInt64(words.count))] }.joined(separator: " ")
            guard let expression = try? Expression(source) else { continue }
            evaluated += 1
            _ = try? expression.evaluate(in: scope)
        }
        #expect(evaluated > 500)
    }
}
