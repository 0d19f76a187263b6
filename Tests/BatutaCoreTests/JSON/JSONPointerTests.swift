import BatutaCore
import Testing

@Suite struct JSONPointerTests {
    static let document = #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"0":{"1":[[9]]}}"#

    /// RFC 6901 §5.
    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/foo/1", #""baz""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"), ("/0/1/0/0", "9"), ("", document),
    ])
    func `a pointer finds its value`(pointer: String, value: String) throws {
        let json = try JSON.parse(Self.document)
        #expect(json[pointer: pointer]?.text == value)
        #expect(JSONPointer(pointer)?.description == pointer)
    }

    @Test(arguments: [
        "/foo/2", "/foo/-1", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/1/x", "/nope", "foo", "foo/0", "/a~2b", "/m~", "/foo/",
        "/foo/99999999999999999999", "/foo/1e0", "#/foo",
    ])
    func `a pointer to nothing, or none at all, finds nothing`(pointer: String) throws {
        #expect(try JSON.parse(Self.document)[pointer: pointer] == nil)
    }

    @Test func `a pointer grows by names and indices`() {
        #expect(JSONPointer().appending("a/b").appending(0).appending("~").description == "/a~1b/0/~0")
    }
}
