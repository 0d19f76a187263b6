import BatutaCore
import Testing

@Suite struct JSONCanonicalTests {
    /// RFC 8785 appendix B (as ECMAScript writes these doubles) and literals of other shapes.
    static let numbers: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("0e10", "0"), ("5e-324", "5e-324"), ("-5e-324", "-5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"), ("-1.7976931348623157e+308", "-1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"), ("-9007199254740992", "-9007199254740992"),
        ("295147905179352830000", "295147905179352830000"), ("9.999999999999997e22", "9.999999999999997e+22"), ("1e23", "1e+23"),
        ("1.0000000000000001e23", "1.0000000000000001e+23"), ("999999999999999700000", "999999999999999700000"),
        ("999999999999999900000", "999999999999999900000"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"),
        ("9.999999999999997e-7", "9.999999999999997e-7"), ("0.000001", "0.000001"), ("1e-6", "0.000001"), ("1e-7", "1e-7"),
        ("333333333.3333332", "333333333.3333332"), ("333333333.33333325", "333333333.33333325"),
        ("-0.0000033333333333333333", "-0.0000033333333333333333"),
        ("1E30", "1e+30"), ("4.50", "4.5"), ("2e-3", "0.002"), ("0.000000000000000000000000001", "1e-27"),
        ("1424953923781206.2", "1424953923781206.2"),
        ("1.0", "1"), ("1e2", "100"), ("100", "100"), ("12.30e1", "123"), ("0.1e1", "1"), ("0.10", "0.1"), ("1200e-2", "12"),
        ("-1.5E+1", "-15"),
        ("123456789012345678901", "123456789012345678901"), ("1234567890123456789012", "1.234567890123456789012e+21"),
        ("12345678901234567891", "12345678901234567891"), ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("1e400", "1e+400"), ("1e-400", "1e-400"), ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
    ]

    @Test(arguments: numbers) func `a number has one canonical form`(literal: String, canonical: String) throws {
        let json = try JSON.parse(literal)
        #expect(json.canonicalText == canonical)
        #expect(try JSON.parse(canonical) == json)
        #expect(try JSON.parse(canonical).hashValue == json.hashValue)
    }

    @Test(arguments: [
        ("1", "2"), ("12345678901234567891", "12345678901234567890"), ("0.1", "0.10000000000000001"), ("1", "-1"), ("1e400", "1e401"),
        ("9007199254740993", "9007199254740992.0"),
    ])
    func `different numbers have different forms`(one: String, other: String) throws {
        let (left, right) = (try JSON.parse(one), try JSON.parse(other))
        #expect(left != right)
        #expect(left.canonicalText != right.canonicalText)
    }

    @Test func `every short decimal is written as its double would be by ECMAScript`() throws {
        for value: Double in [0.1, 0.25, 1.5, 1e-5, 123456.789, 1e15, 2.5e20, 1.0 / 3.0, 1e22, 6.02214076e23] {
            let written = try JSON.parse(JSON.double(value).canonicalText)
            #expect(written.double == value)
        }
    }

    @Test func `keys are sorted by UTF-16 code units as in RFC 8785 section 3.2.3`() throws {
        let document =
            #"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#
        let expected = [
            "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ]
        let canonical = try JSON.parse(JSON.parse(document).canonicalBytes)
        #expect(canonical.object?.members.compactMap(\.value.string) == expected)
    }

    @Test func `the example of RFC 8785 section 3.2.2 comes out as printed there`() throws {
        let document =
            #"{"numbers":[333333333.3333333,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try JSON.parse(document).canonicalText == expected)
    }

    @Test(arguments: [
        (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#), (#"{"b":{"d":1,"c":[{"z":1,"y":2}]}}"#, #"{"b":{"c":[{"y":2,"z":1}],"d":1}}"#),
        (#"{"aa":1,"a":2,"":3}"#, #"{"":3,"a":2,"aa":1}"#),
    ])
    func `members are sorted at every level`(document: String, canonical: String) throws {
        #expect(try JSON.parse(document).canonicalText == canonical)
    }
}
