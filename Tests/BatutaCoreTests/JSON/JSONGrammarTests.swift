import BatutaCore
import Testing

@Suite struct JSONGrammarTests {
    /// A document and how it reads when written again.
    static let accepted: [(String, String)] = [
        ("null", "null"), ("true", "true"), ("false", "false"), ("0", "0"), ("-0", "-0"), ("\"\"", "\"\""), ("[]", "[]"), ("{}", "{}"),
        (" null", "null"), ("null ", "null"), ("\t\r\n true \n\r\t", "true"), ("[ ]", "[]"), ("{ }", "{}"), ("\n[\n]\n", "[]"),
        ("1", "1"), ("-1", "-1"), ("10", "10"), ("123456789", "123456789"), ("1.0", "1.0"), ("1.50", "1.50"), ("0.1", "0.1"),
        ("-0.0", "-0.0"), ("0e0", "0e0"), ("0e+1", "0e+1"), ("0E-1", "0E-1"), ("1e5", "1e5"), ("1E5", "1E5"), ("1e+5", "1e+5"),
        ("1e-5", "1e-5"), ("1.5e300", "1.5e300"), ("-1.5E-300", "-1.5E-300"), ("1e400", "1e400"), ("1e-400", "1e-400"),
        ("123e4567890123456789", "123e4567890123456789"), ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"), ("12345678901234567890123456789", "12345678901234567890123456789"),
        ("3.141592653589793238462643383279", "3.141592653589793238462643383279"), ("20e1", "20e1"), ("0.0000001", "0.0000001"),
        ("\"a\"", "\"a\""), ("\"a b\"", "\"a b\""), (#""\"""#, #""\"""#), (#""\\""#, #""\\""#), (#""\/""#, "\"/\""),
        (#""\b\f\n\r\t""#, #""\b\f\n\r\t""#), (#""\u0000""#, #""\u0000""#), (#""\u001f""#, #""\u001f""#), (#""\u0041""#, "\"A\""),
        (#""\u00e9""#, "\"é\""), (#""\u00E9""#, "\"é\""), (#""\u20ac""#, "\"€\""), (#""\ud83d\ude00""#, "\"😀\""),
        (#""\uD83D\uDE00""#, "\"😀\""), (#""\udbff\udfff""#, "\"\u{10FFFF}\""), (#""\ud800\udc00""#, "\"\u{10000}\""),
        (#""\uffff""#, "\"\u{FFFF}\""), (#""\ufeff""#, "\"\u{FEFF}\""), (#""\u2028\u2029""#, "\"\u{2028}\u{2029}\""),
        ("\"\u{7F}\"", "\"\u{7F}\""), ("\"\u{80}\"", "\"\u{80}\""), ("\"é\"", "\"é\""), ("\"日本語\"", "\"日本語\""), ("\"😀\"", "\"😀\""),
        ("\"\u{2028}\"", "\"\u{2028}\""), ("\"[{:,}]\"", "\"[{:,}]\""), (#""\\\"""#, #""\\\"""#), (#""\\\\""#, #""\\\\""#),
        (#""x\\""#, #""x\\""#), (#""a/*b*/c""#, #""a/*b*/c""#), (#""\u005c\u0022""#, #""\\\"""#), (#""\\u0041""#, #""\\u0041""#),
        ("[1]", "[1]"), ("[1,2]", "[1,2]"), ("[ 1 , 2 ]", "[1,2]"), ("[null,true,false]", "[null,true,false]"), ("[[]]", "[[]]"),
        ("[[],[]]", "[[],[]]"), ("[{}]", "[{}]"), ("[[[[1]]]]", "[[[[1]]]]"), ("[\"a\",1]", "[\"a\",1]"), ("[\"\"]", "[\"\"]"),
        ("[1,[2,[3,[4]]]]", "[1,[2,[3,[4]]]]"), ("[[1],2]", "[[1],2]"), ("[[],1]", "[[],1]"), ("[{},1]", "[{},1]"),
        (#"{"a":1}"#, #"{"a":1}"#), (#"{ "a" : 1 , "b" : 2 }"#, #"{"a":1,"b":2}"#), (#"{"a":{}}"#, #"{"a":{}}"#), (#"{"":0}"#, #"{"":0}"#),
        (#"{"a":[]}"#, #"{"a":[]}"#), (#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":1}}}"#), (#"{"a":[{"b":[1]}]}"#, #"{"a":[{"b":[1]}]}"#),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#"{"a":1,"b":3,"\u0061":2}"#, #"{"a":2,"b":3}"#), (#"{"a":{},"b":1}"#, #"{"a":{},"b":1}"#),
        (#"{"\n":"\t"}"#, #"{"\n":"\t"}"#), (#"{"a\u0000b":1}"#, #"{"a\u0000b":1}"#), (#"{"a":null}"#, #"{"a":null}"#),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}"), ("[\"a\" ,\n\"b\"]", "[\"a\",\"b\"]"),
        (#"{"a":"\"","b":"\\"}"#, #"{"a":"\"","b":"\\"}"#),
        ("\"" + String(repeating: "x", count: 70) + "\\n\"", "\"" + String(repeating: "x", count: 70) + "\\n\""),
    ]

    @Test(arguments: accepted) func `what RFC 8259 allows is read and keeps its literals`(document: String, written: String) throws {
        #expect(try JSON.parse(document).text.utf8.elementsEqual(written.utf8))
    }

    /// Documents that are none, with the code of the refusal.
    static let refused: [(String, JSONError.Code)] = [
        ("", .empty), (" ", .empty), ("\n\t\r ", .empty), ("nul", .invalidLiteral), ("nulll", .invalidLiteral), ("null1", .invalidLiteral),
        ("True", .unexpectedCharacter), ("TRUE", .unexpectedCharacter), ("tru", .invalidLiteral), ("truee", .invalidLiteral),
        ("falsey", .invalidLiteral), ("undefined", .unexpectedCharacter), ("NaN", .invalidNumber), ("Infinity", .invalidNumber),
        ("-Infinity", .invalidNumber), ("-NaN", .invalidNumber), ("a", .unexpectedCharacter), ("'a'", .unexpectedCharacter),
        ("01", .invalidNumber), ("-01", .invalidNumber), ("00", .invalidNumber), ("1.", .invalidNumber), (".5", .invalidNumber),
        ("-.5", .invalidNumber), ("+1", .invalidNumber), ("1e", .invalidNumber), ("1e+", .invalidNumber), ("1e-", .invalidNumber),
        ("1.e5", .invalidNumber), ("1.5.5", .invalidNumber), ("1e5.5", .invalidNumber), ("1e5e5", .invalidNumber), ("-", .invalidNumber),
        ("--1", .invalidNumber), ("1-1", .invalidNumber), ("1+1", .invalidNumber), ("0x10", .invalidNumber), ("1_000", .invalidNumber),
        ("1a", .invalidNumber), ("1\"a\"", .invalidNumber), ("1e5f", .invalidNumber), ("0b1", .invalidNumber), ("1٢", .invalidNumber),
        ("\"", .unclosedString), ("\"a", .unclosedString), ("\"a\\\"", .unclosedString), ("[\"a]", .unclosedString),
        ("\"\\", .unclosedString),
        ("\"\n\"", .controlCharacter), ("\"\t\"", .controlCharacter), ("\"\u{0}\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter),
        (#""\x""#, .invalidEscape), (#""\a""#, .invalidEscape), (#""\'""#, .invalidEscape), (#""\u""#, .invalidEscape),
        (#""\u12""#, .invalidEscape), (#""\u123""#, .invalidEscape), (#""\u12g4""#, .invalidEscape), (#""\U0041""#, .invalidEscape),
        (#""\u-123""#, .invalidEscape), (#""\u 123""#, .invalidEscape), (#""ok\q""#, .invalidEscape), (#""\n\q""#, .invalidEscape),
        (#""\ud83d""#, .loneSurrogate), (#""\ude00""#, .loneSurrogate), (#""\ud83dx""#, .loneSurrogate), (#""\ud83d\n""#, .loneSurrogate),
        (#""\ud83d\u0041""#, .loneSurrogate), (#""\ud83d\ud83d""#, .loneSurrogate), (#""\ude00\ud83d""#, .loneSurrogate),
        (#""\ud83d\u""#, .loneSurrogate), (#""\ud83d\uzzzz""#, .invalidEscape), (#"{"\ud800":1}"#, .loneSurrogate),
        ("[", .truncated), ("{", .truncated), ("[1", .truncated), ("[1,", .truncated), ("{\"a\"", .truncated), ("{\"a\":", .truncated),
        ("{\"a\":1", .truncated), ("{\"a\":1,", .truncated), ("[[]", .truncated), ("[{}", .truncated), ("[[", .truncated),
        ("]", .unexpectedCharacter), ("}", .unexpectedCharacter), (",", .unexpectedCharacter), (":", .unexpectedCharacter),
        ("[1,]", .unexpectedCharacter), ("[,1]", .unexpectedCharacter), ("[,]", .unexpectedCharacter), ("[1,,2]", .unexpectedCharacter),
        ("[1 2]", .unexpectedCharacter), ("[1:2]", .unexpectedCharacter), ("[1}", .unexpectedCharacter),
        ("[\"a\" \"b\"]", .unexpectedCharacter),
        ("{]", .unexpectedCharacter), ("{,}", .unexpectedCharacter), ("{\"a\"}", .unexpectedCharacter), ("{\"a\",1}", .unexpectedCharacter),
        ("{\"a\":}", .unexpectedCharacter), ("{\"a\":1,}", .unexpectedCharacter), ("{\"a\":1 \"b\":2}", .unexpectedCharacter),
        ("{\"a\":1]", .unexpectedCharacter), ("{a:1}", .unexpectedCharacter), ("{1:1}", .unexpectedCharacter),
        ("{null:1}", .unexpectedCharacter),
        ("{'a':1}", .unexpectedCharacter), ("{\"a\"::1}", .unexpectedCharacter), ("{\"a\":1,,\"b\":2}", .unexpectedCharacter),
        ("{[]:1}", .unexpectedCharacter), ("{\"a\":1:2}", .unexpectedCharacter), ("\"a\"b", .trailingContent),
        ("\"a\"\"b\"", .trailingContent),
        ("null null", .trailingContent), ("1 2", .trailingContent), ("[] []", .trailingContent), ("{}{}", .trailingContent),
        ("{}}", .trailingContent),
        ("[]]", .trailingContent), ("[],", .trailingContent), ("true,", .trailingContent), ("[1]x", .trailingContent),
        ("{} // c", .trailingContent),
        ("// c\n1", .unexpectedCharacter), ("/* */1", .unexpectedCharacter), ("[1,/**/2]", .unexpectedCharacter),
        ("1 # c", .trailingContent),
        ("\u{FEFF}1", .byteOrderMark), ("\u{A0}1", .unexpectedCharacter), ("[\u{B}]", .unexpectedCharacter),
        ("[\u{C}]", .unexpectedCharacter),
        ("[1\u{C}]", .unexpectedCharacter), ("[1\u{1A}2]", .unexpectedCharacter), ("\u{2060}1", .unexpectedCharacter),
        ("1\u{0}", .invalidNumber),
        ("[\\\"a\\\"]", .unexpectedCharacter), ("\\", .unexpectedCharacter), ("\"a\"\\\"", .trailingContent),
        ("{\"a\"\u{0}:1}", .unexpectedCharacter),
        ("[true\"a\"]", .invalidLiteral), ("[1\"\"]", .invalidNumber), ("[-]", .invalidNumber), ("[1.]", .invalidNumber),
        ("[nul]", .invalidLiteral),
        ("<html>", .unexpectedCharacter), ("data: {}", .unexpectedCharacter), ("[DONE]", .unexpectedCharacter),
        ("()", .unexpectedCharacter),
    ]

    @Test(arguments: refused) func `what RFC 8259 forbids is refused with its code`(document: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(document) }
        #expect(error?.code == code, "\(document.debugDescription)")
        #expect((error?.offset ?? 0) <= document.utf8.count)
    }

    static let brokenUTF8: [([UInt8], Int)] = [
        ([0x22, 0x80, 0x22], 1), ([0x22, 0xC0, 0xAF, 0x22], 1), ([0x22, 0xC3, 0x22], 1), ([0x22, 0xE2, 0x82, 0x22], 1),
        ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], 1),
        ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xE0, 0x80, 0x80, 0x22], 2), ([0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], 1),
        ([0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22], 1), ([0x31, 0x20, 0xFF], 2), ([0x5B, 0xC3], 1),
    ]

    @Test(arguments: brokenUTF8) func `bytes that are no UTF-8 are refused at their place`(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(bytes) }
        #expect(error?.code == .invalidUTF8)
        #expect(error?.offset == offset)
    }

    @Test(arguments: [(#"{"a":01}"#, 5), (#"[1,2,}"#, 5), (#"["ab\q"]"#, 4), ("[1] 2", 4), ("[1,", 3), ("[\"a\nb\"]", 3), ("[1,\"ab]", 3)])
    func `an error names the byte where it is`(document: String, offset: Int) {
        #expect(#expect(throws: JSONError.self) { try JSON.parse(document) }?.offset == offset)
    }

    @Test func `every kind of buffer reads the same`() throws {
        let document = #"{"a":[1,"é"]}"#
        let bytes = Array(document.utf8)
        let expected = try JSON.parse(document)
        #expect(try JSON.parse(bytes) == expected)
        #expect(try JSON.parse((Array("xx".utf8) + bytes + Array("yy".utf8))[2..<(2 + bytes.count)]) == expected)
        #expect(try bytes.withUnsafeBytes { try JSON.parse($0) } == expected)
    }

    @Test func `a reading within a reading has buffers of its own`() throws {
        let inner = try JSONDocument.read(#"{"arguments":"{\"a\":[1,2]}","b":7}"#) { outer in
            let a = try JSONDocument.read(outer["arguments"].string ?? "") { $0["a"][1].int }
            return (a, outer["b"].int)
        }
        #expect(inner.0 == 2)
        #expect(inner.1 == 7)
    }
}
