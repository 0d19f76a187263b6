/// SQL text cut into what may be translated and what may not: quoted text and comments stay as they are.
struct SQLPieces: Sequence, IteratorProtocol {
    enum Piece: Equatable {
        /// Letters, digits and underscores.
        case word(Substring)
        /// A word in braces, with them.
        case braces(Substring)
        /// `?`, or `?7` with its number.
        case mark(Int?)
        case other(Substring)
    }

    private let text: Substring.UTF8View
    private var place: Substring.UTF8View.Index

    init(_ text: String) {
        self.text = Substring(text).utf8
        place = self.text.startIndex
    }

    mutating func next() -> Piece? {
        guard place < text.endIndex else { return nil }
        switch text[place] {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .other(takeQuoted())
        case UInt8(ascii: "-") where follows("-"): return .other(take(through: "\n"))
        case UInt8(ascii: "/") where follows("*"): return .other(take(through: "*/"))
        case UInt8(ascii: "?"):
            let number = take(first: 1, while: Self.isDigit).dropFirst()
            return .mark(Int(number))
        case UInt8(ascii: "{"): return takeBraces()
        case let byte where Self.isWord(byte): return .word(take(first: 1, while: Self.isWord))
        default: return .other(take(first: 1) { !Self.isWord($0) && !Self.begins.contains($0) })
        }
    }

    /// What may begin another piece than `other`.
    private static let begins: Set<UInt8> = Set("'\"-/?{".utf8)
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private func follows(_ character: Unicode.Scalar) -> Bool {
        let next = text.index(after: place)
        return next < text.endIndex && text[next] == UInt8(ascii: character)
    }

    private mutating func take(to end: Substring.UTF8View.Index) -> Substring {
        defer { place = end }
        return Substring(text[place..<end])
    }

    private mutating func take(first count: Int, while holds: (UInt8) -> Bool) -> Substring {
        var end = text.index(place, offsetBy: count)
        while end < text.endIndex, holds(text[end]) { end = text.index(after: end) }
        return take(to: end)
    }

    /// Up to the next such quote. One that is doubled begins the next piece, which comes to the same.
    private mutating func takeQuoted() -> Substring {
        let quote = text[place]
        let start = text.index(after: place)
        let end = text[start...].firstIndex(of: quote).map { text.index(after: $0) } ?? text.endIndex
        return take(to: end)
    }

    private mutating func take(through end: String) -> Substring {
        let ending = Array(end.utf8)
        var index = text.index(place, offsetBy: 2)
        while index < text.endIndex, !text[index...].starts(with: ending) { index = text.index(after: index) }
        return take(to: text.index(index, offsetBy: ending.count, limitedBy: text.endIndex) ?? text.endIndex)
    }

    private mutating func takeBraces() -> Piece {
        let inner = text[text.index(after: place)...].prefix(while: Self.isWord)
        guard inner.endIndex < text.endIndex, text[inner.endIndex] == UInt8(ascii: "}") else {
            return .other(take(first: 1) { _ in false })
        }
        return .braces(take(to: text.index(after: inner.endIndex)))
    }
}
