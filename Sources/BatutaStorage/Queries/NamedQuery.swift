/// A statement of SQL with named parameters, `:name`, as a project writes it: cut into text and names, so that values travel beside it and
/// never in it.
///
/// Quoted text and names, dollar quotes, comments and `::casts` hold no parameters. Where SQLite and PostgreSQL read a text differently it is
/// read as PostgreSQL does; what SQLite then takes for a parameter is refused when the statement runs.
public struct NamedQuery: Sendable, Hashable {
    /// The statement as it was written.
    public let source: String
    /// The parameters in the order of their first appearance, each once.
    public let names: [String]
    /// The first word of the statement in upper case: `SELECT`, `WITH`, `INSERT` …
    public let verb: String
    let parts: [Part]

    enum Part: Sendable, Hashable {
        case text(String)
        /// The place of a parameter in `names`.
        case name(Int)
    }

    /// Why a text is no statement that a tool can run.
    public enum Problem: Error, Sendable, Hashable {
        case empty
        /// There is more behind a semicolon.
        case severalStatements
        /// `$1`: values have names.
        case numbered(String)
        /// A quote or comment that is not closed; how it begins.
        case open(String)
    }

    public init(_ source: String) throws(Problem) {
        var scanner = NamedQueryScanner(source)
        try scanner.scan()
        self.source = source
        parts = scanner.parts
        names = scanner.names
        verb = scanner.verb.uppercased()
        if verb.isEmpty { throw .empty }
    }

    /// The statement as a database takes it: with `$1`, `$2` … or `?1`, `?2` … for its parameters.
    func text(marking mark: Character) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .name(let place): text += "\(mark)\(place + 1)"
            }
        }
        return text
    }
}

/// Goes through a statement byte by byte; knows where text, comments and names begin and end, and nothing else of SQL.
struct NamedQueryScanner {
    private(set) var parts: [NamedQuery.Part] = []
    private(set) var names: [String] = []
    private(set) var verb = ""
    private let bytes: [UInt8]
    private var place = 0
    private var start = 0
    private var hasEnded = false

    init(_ source: String) { bytes = Array(source.utf8) }

    mutating func scan() throws(NamedQuery.Problem) {
        while place < bytes.count { try step() }
        flush()
    }

    private mutating func step() throws(NamedQuery.Problem) {
        let byte = bytes[place]
        if byte <= 32 { return place += 1 }
        if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") { return skipLine() }
        if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") { return try skipComment() }
        if byte == UInt8(ascii: ";") {
            hasEnded = true
            return place += 1
        }
        if hasEnded { throw .severalStatements }
        switch byte {
        case UInt8(ascii: "'"): try skipQuoted(byte, escapes: false)
        case UInt8(ascii: "\""), UInt8(ascii: "`"): try skipQuoted(byte, escapes: false)
        case UInt8(ascii: "$"): try dollar()
        case UInt8(ascii: ":"): colon()
        case _ where Self.isLetter(byte) || Self.isDigit(byte): try word()
        default: place += 1
        }
    }

    /// A word of the language, or `E'…'`, in which a backslash escapes.
    private mutating func word() throws(NamedQuery.Problem) {
        let begin = place
        while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[begin..<place], as: UTF8.self)
        if verb.isEmpty { verb = text }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "'") else { return }
        try skipQuoted(UInt8(ascii: "'"), escapes: text.lowercased() == "e")
    }

    /// `::` is a cast, `:name` a parameter, anything else a colon.
    private mutating func colon() {
        if next == UInt8(ascii: ":") { return place += 2 }
        guard let first = next, Self.isLetter(first) else { return place += 1 }
        flush()
        let begin = place + 1
        place = begin
        while place < bytes.count, Self.isNameByte(bytes[place]) { place += 1 }
        let name = String(decoding: bytes[begin..<place], as: UTF8.self)
        let number = names.firstIndex(of: name) ?? names.count
        if number == names.count { names.append(name) }
        parts.append(.name(number))
        start = place
    }

    /// `$$ … $$`, `$tag$ … $tag$`, or a numbered parameter.
    private mutating func dollar() throws(NamedQuery.Problem) {
        var end = place + 1
        while end < bytes.count, Self.isNameByte(bytes[end]) { end += 1 }
        let tag = bytes[place + 1..<end]
        if let first = tag.first, Self.isDigit(first) { throw .numbered(String(decoding: bytes[place..<end], as: UTF8.self)) }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return place = max(end, place + 1) }
        let quote = Array(bytes[place...end])
        guard let closing = Self.find(quote, in: bytes, from: end + 1) else { throw .open(String(decoding: quote, as: UTF8.self)) }
        place = closing + quote.count
    }

    /// A quote that is doubled does not close it.
    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) throws(NamedQuery.Problem) {
        var index = place + 1
        while index < bytes.count {
            if escapes, bytes[index] == UInt8(ascii: "\\") {
                index += 2
            } else if bytes[index] != quote {
                index += 1
            } else if index + 1 < bytes.count, bytes[index + 1] == quote {
                index += 2
            } else {
                place = index + 1
                return
            }
        }
        throw .open(String(UnicodeScalar(quote)))
    }

    private mutating func skipLine() {
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    }

    /// Comments nest (SQL:1999); SQLite ends them at the first `*/`.
    private mutating func skipComment() throws(NamedQuery.Problem) {
        var depth = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                depth += 1
                place += 2
            } else if bytes[place] == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
                depth -= 1
                place += 2
                if depth == 0 { return }
            } else {
                place += 1
            }
        }
        throw .open("/*")
    }

    private mutating func flush() {
        if place > start { parts.append(.text(String(decoding: bytes[start..<place], as: UTF8.self))) }
        start = place
    }

    private var next: UInt8? { place + 1 < bytes.count ? bytes[place + 1] : nil }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count, start <= bytes.count - pattern.count else { return nil }
        return (start...(bytes.count - pattern.count)).first { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80 }
    private static func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    /// Also `$` within a word, which begins no quote there.
    private static func isWord(_ byte: UInt8) -> Bool { isNameByte(byte) || byte == UInt8(ascii: "$") }
}
