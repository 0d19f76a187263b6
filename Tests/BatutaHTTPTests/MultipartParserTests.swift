import Testing

@testable import BatutaHTTP

@Suite struct MultipartParserTests {
    private static let type = "multipart/form-data; boundary=b-1"

    /// Events with the pieces of data joined; nil when it is no form.
    private func parse(_ pieces: [[UInt8]], type: String = type) -> [String]? {
        guard var parser = MultipartParser(contentType: type) else { return nil }
        var events: [MultipartParser.Event] = []
        var data: [UInt8] = []
        do {
            for piece in pieces { events += try parser.feed(piece) }
            try parser.finish()
        } catch {
            return nil
        }
        return events.compactMap { event in
            switch event {
            case .part(let part):
                data = []
                return "part \(part.name) \(part.fileName ?? "-") \(part.contentType ?? "-")"
            case .data(let bytes):
                data += bytes
                return nil
            case .partEnd: return "data \(String(decoding: data, as: UTF8.self))"
            case .end: return "end"
            }
        }
    }

    static let good: [(String, [String])] = [
        (
            "--b-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b-1--\r\n",
            ["part file a.txt text/plain", "data hello", "end"]
        ),
        ("--b-1\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n--b-1--", ["part file - -", "data ", "end"]),
        ("--b-1\r\nContent-Disposition: form-data; name=file\r\n\r\n--b-1--", ["part file - -", "data ", "end"]),
        (
            "--b-1\r\ncontent-disposition:form-data;name=\"a\"\r\n\r\n1\r\n--b-\r\n--b-2\r\n\r\n--b-1\r\nContent-Disposition: form-data; name=\"b\"; filename=\"x%22y\\\\z; é.pdf\"\r\nX-Other: 1\r\n\r\n\r\n\r\n2\r\n--b-1--\r\n",
            ["part a - -", "data 1\r\n--b-\r\n--b-2\r\n", "part b x\"y\\z; é.pdf -", "data \r\n\r\n2", "end"]
        ),
    ]

    @Test(arguments: good) func `a form is the same however it is cut`(_ row: (String, [String])) {
        let bytes = Array(row.0.utf8)
        #expect(parse([bytes]) == row.1)
        #expect(parse(bytes.map { [$0] }) == row.1)
        for cut in 0...bytes.count { #expect(parse([Array(bytes[..<cut]), Array(bytes[cut...])]) == row.1, "cut at \(cut)") }
    }

    @Test(arguments: good) func `a form that ends early is none, at every byte`(_ row: (String, [String])) {
        let bytes = Array(row.0.utf8)
        let whole = bytes.firstRange(of: Array("--b-1--".utf8))?.upperBound ?? 0
        for end in 0..<whole { #expect(parse([Array(bytes[..<end])]) == nil, "ended at \(end)") }
    }

    @Test(arguments: [
        "", "--b-1--", "--b-1--\r\n", "hello\r\n--b-1\r\n", "--b-2\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b-2--",
        "--b-1\nContent-Disposition: form-data; name=a\n\n1\n--b-1--", "--b-1\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nno header\r\n\r\n1\r\n--b-1--", "--b-1\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--b-1--",
        "--b-1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b-1--\r\nmore",
        "--b-1x\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
    ])
    func `what is no form is refused`(_ text: String) { #expect(parse([Array(text.utf8)]) == nil) }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x", "text/plain", "",
        "multipart/form-data; boundary=\"a\u{7}\"", "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
    ])
    func `a type without a boundary is none`(_ type: String) { #expect(MultipartParser(contentType: type) == nil) }

    @Test func `heads and parts are bounded`() {
        let head = "--b-1\r\nContent-Disposition: form-data; name=a\r\nX: " + String(repeating: "x", count: 9_000) + "\r\n\r\n1\r\n--b-1--"
        #expect(parse([Array(head.utf8)]) == nil)
        #expect(parse(Array(head.utf8).map { [$0] }) == nil)
        let part = "--b-1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        #expect(parse([Array((String(repeating: part, count: 16) + "--b-1--").utf8)]) != nil)
        #expect(parse([Array((String(repeating: part, count: 17) + "--b-1--").utf8)]) == nil)
    }

    @Test func `no garbage traps, and none is held back`() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("\r\n-b1:; =\"\\Content-Disposition: form-data; name=a".utf8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...200, using: &random)
            let garbage = (0..<count).compactMap { _ in alphabet.randomElement(using: &random) }
            _ = parse([Array("--b-1\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + garbage])
            _ = parse([garbage])
        }
    }
}
