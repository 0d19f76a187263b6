import BatutaCore
import Testing

@Suite struct JSONWriterTests {
    @Test func `members and elements are separated by commas`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", 1)
        writer.member("b", "x")
        writer.key("c")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.raw(Array("{}".utf8))
        writer.number(JSONNumber(2.5))
        writer.endArray()
        writer.member("d", JSON.object([:]))
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":1,"b":"x","c":[true,null,{},2.5],"d":{}}"#)
    }

    @Test(arguments: [Int64.min, -1, 0, 7, 10, 1_234_567_890_123, .max]) func `integers are written in full`(value: Int64) {
        var writer = JSONWriter()
        writer.int(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == String(value))
    }

    @Test func `an integer wider than 64 bits is written in full`() {
        var writer = JSONWriter()
        writer.int(UInt64.max)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "18446744073709551615")
    }

    @Test func `every scalar survives being written and read`() throws {
        for length in [0, 1, 15, 16, 17, 33] {
            for scalar in (0...0x7F).compactMap(Unicode.Scalar.init) + ["é", "\u{2028}", "\u{FFFF}", "😀"] {
                let text = String(repeating: "x", count: length) + String(scalar) + "y"
                let written = JSON.string(text).bytes
                #expect(!written.contains { $0 < 0x20 })
                #expect(try JSON.parse(written).string == text)
            }
        }
    }
}
