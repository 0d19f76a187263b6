/// A text by its code points, as CEL counts them, without copying it into an array of characters.
struct CELText {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    var isASCII: Bool { bytes.allSatisfy { $0 < 128 } }

    /// Code points in the text.
    var count: Int { bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

    /// Where a code point begins, in bytes; the count of the text is its end. nil beyond it.
    func position(of index: Int64) -> Int? {
        guard index >= 0 else { return nil }
        var seen: Int64 = 0
        for (position, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if seen == index { return position }
            seen += 1
        }
        return seen == index ? bytes.count : nil
    }

    /// Which code point begins at this byte.
    func index(at position: Int) -> Int64 { bytes[..<position].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Where `part` occurs first, beginning at or after a byte.
    func firstPosition(of part: CELText, from start: Int) -> Int? {
        guard start <= bytes.count else { return nil }
        return LinearSearch.first(part.bytes, in: bytes[start...])
    }

    /// Where `part` occurs last, beginning at or before a byte.
    func lastPosition(of part: CELText, from start: Int) -> Int? {
        let end = min(bytes.count, start + part.bytes.count)
        guard let found = LinearSearch.first(part.bytes.reversed(), in: bytes[..<end].reversed()[...]) else { return nil }
        return end - found - part.bytes.count
    }
}

/// Knuth, Morris and Pratt's search (1977): time linear in both lengths, whatever a hostile text looks like.
private enum LinearSearch {
    static func first(_ part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard let head = part.first else { return text.startIndex }
        guard let start = text.firstIndex(of: head), text.endIndex - start >= part.count else { return nil }
        let borders = borders(of: part)
        var matched = 0
        for index in start..<text.endIndex {
            while matched > 0, part[matched] != text[index] { matched = borders[matched - 1] }
            if part[matched] == text[index] { matched += 1 }
            if matched == part.count { return index + 1 - matched }
        }
        return nil
    }

    /// For every prefix, how long the longest border of it is.
    private static func borders(of part: [UInt8]) -> [Int] {
        var borders = [Int](repeating: 0, count: part.count)
        var length = 0
        for index in 1..<max(1, part.count) {
            while length > 0, part[index] != part[length] { length = borders[length - 1] }
            if part[index] == part[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}
