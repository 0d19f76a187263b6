import BatutaAgents
import BatutaCore
import Testing

@Suite struct YAMLHostileTests {
    /// Ten levels of ten: ten thousand million values when written out.
    @Test func `a billion laughs is refused before it takes memory`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(YAML.read(Array(text.utf8)).errors.map(\.code) == [.tooLarge])
    }

    @Test func `a chain of aliases cannot get around the depth limit`() {
        var text = "a0: &a0 [x]\n"
        for level in 1...80 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        let errors = YAML.read(Array(text.utf8)).errors
        #expect(errors.map(\.code) == [.tooDeep])
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")])
    func `nesting is bounded`(open: String, close: String) {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)).utf8)
        }
        #expect(YAML.read(nested(200)).errors.first?.code == .tooDeep || YAML.read(nested(200)).errors.first?.code == .syntax)
        #expect(!YAML.read(nested(20_000)).errors.isEmpty)
        if open == "[" { #expect(YAML.read(nested(60)).errors.isEmpty) }
    }

    @Test func `a file over one mebibyte is refused, one of exactly that is read`() {
        let largest = Array(repeating: UInt8(ascii: "a"), count: YAML.longestFile)
        #expect(YAML.read(largest).errors.isEmpty)
        #expect(YAML.read(largest + [97]).errors.map(\.code) == [.tooLong])
    }

    @Test(
        arguments: [
            [0x61, 0x3A, 0x20, 0xFF], [0x61, 0x0A, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFE, 0xFF, 0x00, 0x61],
        ] as [[UInt8]]
    )
    func `bytes that are no UTF-8 are refused with their line`(bytes: [UInt8]) {
        let errors = YAML.read(Array("a: 1\nb: ".utf8) + bytes).errors
        #expect(errors.map(\.code) == [.invalidUTF8])
        #expect((errors.first?.line ?? 0) >= 2)
    }

    @Test func `many values are refused`() {
        let text = "[" + String(repeating: "1,", count: YAML.mostNodes + 1) + "]"
        #expect(YAML.read(Array(text.utf8)).errors.map(\.code) == [.tooLarge])
    }

    /// Every prefix and every single-byte change of a real file is read or refused, and never traps.
    @Test func `broken pieces of a file never trap`() {
        let source = Array("name: &n x\nmodels: { a: [1, 0x1f, *n], \"b\": |\n  text\n}\n--- \n!!str é\n".utf8)
        for end in source.indices { _ = YAML.read(source[..<end]) }
        for index in source.indices {
            for byte: UInt8 in [0, 9, 10, 0x22, 0x26, 0x2A, 0x3A, 0x7B, 0x80, 0xE2, 0xFF] {
                var changed = source
                changed[index] = byte
                _ = YAML.read(changed)
                _ = try? FrontMatter.split(Array("---\n".utf8) + changed)
            }
        }
    }

    @Test func `front matter is taken apart with the right lines`() throws {
        let file = try FrontMatter.split(Array("---\nname: a\ntools: [x]\n---\n\n\nYou are $x.\r\nGo.\n\n".utf8))
        #expect(file.header?.root?["tools"]?.line == 3)
        #expect(file.body == "You are $x.\nGo.")
        #expect(file.bodyLine == 7)
    }

    @Test(arguments: [
        ("", "", 1), ("Hello", "Hello", 1), ("\n\nHello\n", "Hello", 3), ("---\n---\nB", "B", 3), ("----\na", "----\na", 1),
        (" ---\na", " ---\na", 1),
    ])
    func `a file without front matter is all body`(text: String, body: String, line: Int) throws {
        let file = try FrontMatter.split(Array(text.utf8))
        #expect(file.body == body)
        #expect(file.bodyLine == line)
        #expect(file.header?.errors.isEmpty != false)
    }

    @Test func `front matter without an end, or without a beginning, is an error`() throws {
        #expect(throws: YAMLError.self) { try FrontMatter.split(Array("---\nname: a\n".utf8)) }
        for text in ["name: a\n---\nHi", "\nmodel: x\ntools:\n  - a\n- b\n\n# why\n---\n", "tools:\n---"] {
            #expect(throws: YAMLError.self) { try FrontMatter.split(Array(text.utf8)) }
        }
        for text in [
            "Note: this.\n---\nHi", "You help.\nname: a\n---\nHi", "http://x\n---", "name: a\nand more\n---", "---x\n---\n", "name: a",
        ] {
            #expect(try FrontMatter.split(Array(text.utf8)).header == nil, "\(text)")
        }
    }

    @Test func `errors within front matter have the line of the Markdown file`() throws {
        let file = try FrontMatter.split(Array("---\nname: a\nname: b\n---\nHi".utf8))
        #expect(file.header?.errors.map(\.line) == [3])
    }
}
