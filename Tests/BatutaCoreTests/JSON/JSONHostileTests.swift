import BatutaCore
import Testing

@Suite struct JSONHostileTests {
    static let sample = """
        {"id":"chatcmpl-1","n":-12.50e+3,"ok":true,"no":false,"nil":null,"list":[1,[2,[]],{"a":{}}],"text":"q\\"\\\\\\/\\b\\f\\n\\r\\té\\u00e9\\ud83d\\ude00😀"}
        """

    @Test func `a document cut at any byte is an error and never a trap`() {
        let bytes = Array(Self.sample.utf8)
        #expect(throws: Never.self) { try JSON.parse(bytes) }
        for end in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON.parse(bytes[..<end]) }
        }
    }

    @Test func `a document with any byte replaced never traps`() {
        let bytes = Array(Self.sample.utf8)
        var read = 0
        for position in bytes.indices {
            for byte in [0x00, 0x22, 0x5C, 0x7B, 0x5D, 0x2C, 0x30, 0x75, 0x80, 0xF0, 0xFF] as [UInt8] {
                var changed = bytes
                changed[position] = byte
                if let json = try? JSON.parse(changed) {
                    read += 1
                    #expect((try? JSON.parse(json.bytes)) == json)
                }
            }
        }
        #expect(read > 0)
    }

    @Test(arguments: ["[", "{\"a\":", "[[],", "[{\"a\":"]) func `a million levels are refused`(level: String) {
        let document = String(repeating: level, count: 1_000_000)
        #expect(#expect(throws: JSONError.self) { try JSON.parse(document) }?.code == .tooDeep)
    }

    @Test func `nesting is allowed up to the limit and not one further`() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(try JSON.parse(nested(128)).text == nested(128))
        #expect(throws: JSONError.self) { try JSON.parse(nested(129)) }
        #expect(try JSON.parse(nested(3), limits: JSONLimits(depth: 3)).text == nested(3))
        #expect(throws: JSONError.self) { try JSON.parse(nested(4), limits: JSONLimits(depth: 3)) }
        #expect(throws: JSONError.self) { try JSON.parse(nested(2_000), limits: JSONLimits(depth: 1_000_000)) }
    }

    @Test func `limits of bytes, values and number length hold`() {
        func code(_ document: String, _ limits: JSONLimits) -> JSONError.Code? {
            do throws(JSONError) { _ = try JSON.parse(document, limits: limits) } catch { return error.code }
            return nil
        }
        #expect(code("[12]", JSONLimits(bytes: 4)) == nil)
        #expect(code("[12]", JSONLimits(bytes: 3)) == .tooLong)
        #expect(code("[1,2]", JSONLimits(values: 3)) == nil)
        #expect(code("[1,2]", JSONLimits(values: 2)) == .tooManyValues)
        #expect(code("123", JSONLimits(numberLength: 3)) == nil)
        #expect(code("1234", JSONLimits(numberLength: 3)) == .numberTooLong)
        #expect(code(String(repeating: "9", count: 5_000), .standard) == .numberTooLong)
        #expect(code("[1]", JSONLimits(depth: -1, bytes: 100)) == .tooDeep)
        #expect(code("1", JSONLimits(bytes: -1)) == .tooLong)
    }

    @Test func `strings of ten megabytes are read`() throws {
        let plain = String(repeating: "x", count: 10 << 20)
        #expect(try JSON.parse("\"\(plain)\"").string?.utf8.count == 10 << 20)
        let escaped = String(repeating: #"\n\u00e9"#, count: 1 << 20)
        #expect(try JSON.parse("\"\(escaped)\"").string?.utf8.count == 3 << 20)
    }

    @Test func `a hundred thousand keys are read and found`() throws {
        let members = (0..<100_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let object = try #require(try JSON.parse("{\(members)}").object)
        #expect(object.count == 100_000)
        #expect((0..<100_000).allSatisfy { object["key\($0)"]?.int == Int64($0) })
    }

    @Test func `of a hundred thousand equal keys the last one wins`() throws {
        let members = (0..<100_000).map { "\"key\($0 % 50)\":\($0)" }.joined(separator: ",")
        let object = try #require(try JSON.parse("{\(members)}").object)
        #expect(object.count == 50)
        #expect(object["key49"]?.int == 99_999)
        #expect(object["key0"]?.int == 99_950)
    }

    @Test func `large objects are compared and hashed in linear time`() throws {
        let members = (0..<50_000).map { ("key\($0)", JSON.int($0)) }
        let one = JSON.object(JSONObject(members))
        let other = JSON.object(JSONObject(members.reversed()))
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        let same = (0..<20_000).map { JSON.object(["a": .int($0)]) }
        #expect(Set(same).count == 20_000)
    }

    @Test func `a large object forgets a removed member and keeps the others`() {
        var object = JSONObject((0..<100).map { ("k\($0)", JSON.int($0)) })
        object["k10"] = nil
        object["k99"] = "last"
        #expect(object["k10"] == nil)
        #expect(object["k11"]?.int == 11)
        #expect(object["k99"]?.string == "last")
        #expect(object.count == 99)
        for index in 0..<90 { object["k\(index)"] = nil }
        #expect(object.keys == (90..<100).map { "k\($0)" })
        #expect(object["k95"]?.int == 95)
    }

    @Test func `numbers beyond every range are values and not traps`() throws {
        for literal in [
            "1e999999999999999999999999", "-1e999999999999999999999999", "1e-999999999999999999999999", "1e400", "0e999999999999",
        ] {
            let json = try JSON.parse(literal)
            _ = (json.int, json.double, json.canonicalText, json.hashValue)
            #expect(json == json)
        }
        #expect(try JSON.parse("1e400").int == nil)
        #expect(try JSON.parse("9223372036854775808").int == nil)
        #expect(try JSON.parse("-9223372036854775808").int == .min)
        #expect(try JSON.parse("9223372036854775807.0").int == .max)
        #expect(try JSON.parse("1e18").int == 1_000_000_000_000_000_000)
        #expect(try JSON.parse("1.5").int == nil)
    }
}
