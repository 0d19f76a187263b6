import Testing

@testable import BatutaHTTP

@Suite struct `Server-sent events` {
    private func events(_ pieces: [[UInt8]], maximum: Int = 1_000) throws -> [String] {
        var parser = ServerSentEventParser(maximumEvent: maximum)
        var found: [String] = []
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in
                try parser.feedEvents(bytes) { event in
                    let name = String(decoding: event.name, as: UTF8.self)
                    found.append((name.isEmpty ? "" : name + "=") + String(decoding: event.data, as: UTF8.self))
                }
            }
        }
        return found
    }

    static let streams: [(String, [String])] = [
        ("data: one\n\ndata: two\n\n", ["one", "two"]),
        ("data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
        ("data: one\r\rdata: two\r\r", ["one", "two"]),
        ("data: a\r\ndata: b\n\r\n", ["a\nb"]),
        ("data: a\ndata: b\ndata:c\ndata:  d\n\n", ["a\nb\nc\n d"]),
        ("\u{FEFF}data: bom\n\n", ["bom"]),
        (": comment\n\ndata: x\n: in between\ndata: y\n\n", ["x\ny"]),
        ("event: delta\ndata: x\n\ndata: y\n\n", ["delta=x", "y"]),
        ("data\n\n", [""]),
        ("data:\n\n", [""]),
        ("data\ndata\n\n", ["\n"]),
        ("event: nothing\n\n\n\ndata: x\n\n", ["x"]),
        ("id: 7\nretry: 10\ndata: x\n\n", ["x"]),
        ("datax: no\ndat: no\nDATA: no\ndata : no\n\n", []),
        ("data: cut", []),
        ("data: cut\n", []),
        ("data: olá ✓\n\n", ["olá ✓"]),
        ("", []),
        ("\n\n\n\r\r\r\n", []),
    ]

    @Test(arguments: streams)
    func `a stream reads the same whole, byte by byte, and cut at any place`(text: String, expected: [String]) throws {
        let bytes = Array(text.utf8)
        #expect(try events([bytes]) == expected)
        #expect(try events(bytes.map { [$0] }) == expected)
        for cut in bytes.indices {
            #expect(try events([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == expected, "cut at \(cut)")
        }
    }

    @Test(arguments: ["data: 12345678901\n\n", "data: 123456789\ndata: 1\n\n", ": 12345678901234567890", "data: 12345678901"])
    func `an event over the limit is refused, however it comes`(text: String) throws {
        for pieces in [[Array(text.utf8)], text.utf8.map { [$0] }] {
            #expect { try events(pieces, maximum: 10) } throws: { ($0 as? HTTPClientError)?.code == .tooLarge }
        }
    }

    @Test func `the end of a stream inside an event can be told`() throws {
        var parser = ServerSentEventParser()
        try Array("data: x\n\n".utf8).withUnsafeBytes { try parser.feed($0) { _ in } }
        #expect(!parser.isInsideEvent)
        try Array("data: y\n".utf8).withUnsafeBytes { try parser.feed($0) { _ in } }
        #expect(parser.isInsideEvent)
    }

    @Test func `an event that lies whole in a piece is handed over without a copy`() throws {
        let bytes = Array("data: here\n\n".utf8)
        var parser = ServerSentEventParser()
        try bytes.withUnsafeBytes { piece in
            try parser.feed(piece) { data in
                #expect(data.baseAddress == piece.baseAddress.map { $0 + 6 })
            }
        }
    }

    @Test func `random bytes never trap`() throws {
        var random = SeededGenerator(state: 9)
        let alphabet = Array("data: event\n\r\n:x ".utf8) + [0, 0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<300 {
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let whole = try events([bytes])
            let cut = Int.random(in: 0...200, using: &random)
            #expect(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
    }
}
