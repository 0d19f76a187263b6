import BatutaCore
import Testing

@Suite struct JSONParsingTests {
    @Test func `a document becomes a tree`() throws {
        let json = try JSON.parse(#" {"a":[1,2.50,-3e2,"x\n\u00e9\ud83d\ude00",true,false,null],"b":{},"c":[]} "#)
        #expect(json["a"]?[0]?.int == 1)
        #expect(json["a"]?[1] == .number(JSONNumber(2.5)))
        #expect(json["a"]?[2]?.int == -300)
        #expect(json["a"]?[3]?.string == "x\n\u{e9}\u{1F600}")
        #expect(json["a"]?[4]?.bool == true)
        #expect(json["a"]?[5]?.bool == false)
        #expect(json["a"]?[6]?.isNull == true)
        #expect(json.text == #"{"a":[1,2.50,-3e2,"x\né😀",true,false,null],"b":{},"c":[]}"#)
    }

    @Test(arguments: [2, 31, 32, 33, 100]) func `the last of equal keys wins in objects of every size`(count: Int) throws {
        let members = (0..<count).map { "\"key\($0)\":\($0)" } + ["\"key1\":\"last\""]
        let object = try #require(try JSON.parse("{\(members.joined(separator: ","))}").object)
        #expect(object.keys == (0..<count).map { "key\($0)" })
        #expect(object["key1"]?.string == "last")
        #expect(object["key0"]?.int == 0)
    }
}
