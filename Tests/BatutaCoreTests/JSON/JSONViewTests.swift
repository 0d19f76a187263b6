import BatutaCore
import Testing

@Suite struct JSONViewTests {
    static let chunk = """
        {"id":"c1","object":"chat.completion.chunk","created":1700000000,"choices":[{"index":0,"delta":{"content":"olá\\n"},"finish_reason":null}],"x":1.5}
        """

    @Test func `a string equals a text to the byte; what is no string equals none`() throws {
        try JSONDocument.read(#"{"a":"error","b":"errors","c":"é","d":5}"#) { view in
            #expect(view["a"].equals("error"))
            #expect(!view["b"].equals("error"))
            #expect(view["c"].equals("é"))
            #expect(!view["d"].equals("5"))
            #expect(!view["missing"].equals(""))
        }
    }

    @Test func `a path leads to a value without a tree`() throws {
        try JSONDocument.read(Self.chunk) { view in
            #expect(view["choices"][0]["delta"]["content"].string == "olá\n")
            #expect(view["choices"][0]["delta"]["content"].utf8.map { Array($0) } == Array("olá\n".utf8))
            #expect(view["choices"][0]["finish_reason"].isNull)
            #expect(view["choices"].count == 1)
            #expect(view["created"].int == 1_700_000_000)
            #expect(view["x"].double == 1.5)
            #expect(view["x"].int == nil)
            #expect(view["x"].rawNumber == "1.5")
            #expect(view["choices"][0].json?.text == #"{"index":0,"delta":{"content":"olá\n"},"finish_reason":null}"#)
        }
    }

    @Test func `what is not there does not exist and has no value`() throws {
        try JSONDocument.read(Self.chunk) { view in
            for absent in [view["nope"], view["choices"][1], view["choices"][-1], view["id"]["a"], view["id"][0], view["a"]["b"][3]["c"]] {
                #expect(!absent.exists && !absent.isNull && absent.string == nil && absent.json == nil && absent.count == 0)
                #expect(Array(absent.elements).isEmpty && Array(absent.members).isEmpty)
            }
        }
    }

    @Test func `of equal keys the last one is found`() throws {
        let value = try JSONDocument.read(#"{"a":1,"b":{"a":9},"a":2,"ab":3}"#) { $0["a"].int }
        #expect(value == 2)
    }

    @Test func `elements and members come in their order, nested ones skipped`() throws {
        try JSONDocument.read(#"{"a":[1,[2,3],{"b":[4]},"x"],"c":{"d":{}},"e":[]}"#) { view in
            #expect(view["a"].elements.compactMap { $0.json?.text } == ["1", "[2,3]", #"{"b":[4]}"#, #""x""#])
            #expect(view.members.map(\.key) == ["a", "c", "e"])
            #expect(view.members.map { $0.value.count } == [4, 1, 0])
            #expect(view["a"][3].string == "x")
            #expect(Array(view["e"].elements).isEmpty)
        }
    }

    @Test(
        arguments: [("0", 0), ("-5", -5), ("999999999999999999", 999_999_999_999_999_999), ("9223372036854775807", .max), ("1e2", 100)]
            as [(String, Int64)]
    )
    func `integers are exact`(literal: String, value: Int64) throws {
        #expect(try JSONDocument.read(literal) { $0.int } == value)
    }

    @Test func `a parser reads one document after the other`() throws {
        let parser = JSONParser(limits: JSONLimits(depth: 4))
        for count in [1, 10_000, 3] {
            let document = Array("[\((0..<count).map(String.init).joined(separator: ","))]".utf8)
            let view = try parser.read(document)
            #expect(view.count == count)
            #expect(view[count - 1].int == Int64(count - 1))
            #expect(throws: JSONError.self) { try parser.read(Array("[[[[[1]]]]]".utf8)) }
        }
    }

    @Test func `a refused document throws before the body runs`() {
        #expect(throws: JSONError.self) { try JSONDocument.read("[1,") { _ in Issue.record("the body ran") } }
    }
}
