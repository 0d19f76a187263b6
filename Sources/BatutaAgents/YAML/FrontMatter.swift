import BatutaCore

/// A Markdown file taken apart: the YAML between two lines of `---` at its very start, and the text after it.
public struct FrontMatter: Sendable {
    /// nil when the file has none.
    public var header: YAML.Reading?
    /// Without blank lines at either end; line breaks are LF.
    public var body: String
    /// The line on which `body` begins, counted from 1.
    public var bodyLine: Int

    /// - Throws: `YAMLError` when the file is too long, no UTF-8, or its front matter has no end.
    public static func split(_ bytes: [UInt8]) throws(YAMLError) -> FrontMatter {
        guard bytes.count <= YAML.longestFile else {
            throw YAMLError.tooLong(bytes.count, line: 1)
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let place = UTF8Validity.firstInvalidByte(of: text) {
            let line = 1 + text[..<place].count { $0 == 0x0A }
            throw YAMLError.invalidUTF8(line: line)
        }
        let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let first = lines.first, isFence(first) else {
            if let end = lines.firstIndex(where: isFence), isHeader(lines[..<end]) { throw missingFence }
            return FrontMatter(header: nil, lines: lines[...], firstLine: 1)
        }
        guard let end = lines.dropFirst().firstIndex(where: isFence) else {
            let message = Words(
                "the front matter that begins here has no closing `---`",
                "o cabeçalho que começa aqui não tem o `---` que o fecha"
            )
            throw YAMLError(.syntax, message, line: 1)
        }
        let header = lines[1..<end].joined(separator: [0x0A])
        return FrontMatter(header: YAML.read(Array(header), firstLine: 2), lines: lines[(end + 1)...], firstLine: end + 2)
    }

    private init(header: YAML.Reading?, lines: ArraySlice<ArraySlice<UInt8>>, firstLine: Int) {
        self.header = header
        let blank = lines.prefix(while: Self.isBlank).count
        var kept = lines.dropFirst(blank).map { $0.last == 0x0D ? $0.dropLast() : $0 }
        while let last = kept.last, Self.isBlank(last) { kept.removeLast() }
        body = String(decoding: Array(kept.joined(separator: [0x0A])), as: UTF8.self)
        bodyLine = kept.isEmpty ? firstLine : firstLine + blank
    }

    /// Three hyphens, and nothing after them but white space.
    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: [0x2D, 0x2D, 0x2D]) && isBlank(line.dropFirst(3))
    }

    private static let missingFence = YAMLError(
        .syntax,
        Words(
            "the front matter has no `---` above it, so all of it would be part of the instructions",
            "falta o `---` acima do cabeçalho; sem ele, tudo isto faria parte das instruções"
        ),
        line: 1,
        hint: Words("write `---` on line 1", "escreva `---` na linha 1")
    )

    /// Whether lines read as YAML keys and what belongs to them: somebody forgot the line of `---` above. A single line above `---` that
    /// begins with a capital letter is a heading of Markdown.
    private static func isHeader(_ lines: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        let written = lines.filter { !isBlank($0) }
        guard let first = written.first, isKey(first) else { return false }
        return written.allSatisfy { isKey($0) || [0x20, 0x09, 0x23, 0x2D].contains($0.first ?? 0) }
    }

    /// `key:` alone or with a value after a space; keys of front matter are in lower case.
    private static func isKey(_ line: ArraySlice<UInt8>) -> Bool {
        let key = line.prefix { (97...122).contains($0) || $0 == 0x5F || $0 == 0x2D }
        let rest = line.dropFirst(key.count)
        return !key.isEmpty && key.first != 0x2D && rest.first == 0x3A && (rest.dropFirst().first.map { $0 <= 0x20 } ?? true)
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}
