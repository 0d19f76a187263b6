/// Bridges the two spellings in which ECMA-262 patterns and RE2 differ without differing in meaning.
enum PatternSyntax {
    /// `(?<name>` becomes `(?P<name>`, `\uXXXX` becomes `\x{XXXX}`. Escapes, character classes and `\Q…\E` are left alone.
    static func forRE2(_ pattern: String) -> String {
        let input = Array(pattern.utf8)
        var output: [UInt8] = []
        var position = 0
        var inClass = false
        while position < input.count {
            let rest = input[position...]
            let (written, read) = token(rest, inClass: &inClass)
            output += written
            position += read
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// What the next piece of the pattern becomes, and how many bytes it takes.
    private static func token(_ rest: ArraySlice<UInt8>, inClass: inout Bool) -> (written: [UInt8], read: Int) {
        let start = rest.startIndex
        switch rest[start] {
        case UInt8(ascii: "\\"): return escape(rest)
        case UInt8(ascii: "["): inClass = true
        case UInt8(ascii: "]"): inClass = false
        case UInt8(ascii: "(") where !inClass && startsNamedGroup(rest): return (Array("(?P<".utf8), 3)
        default: break
        }
        return ([rest[start]], 1)
    }

    /// `(?<` followed by neither `=` nor `!`, which are look-behind.
    private static func startsNamedGroup(_ rest: ArraySlice<UInt8>) -> Bool {
        let head = Array(rest.prefix(4))
        return head.count == 4 && head[1] == UInt8(ascii: "?") && head[2] == UInt8(ascii: "<") && head[3] != UInt8(ascii: "=")
            && head[3] != UInt8(ascii: "!")
    }

    private static func escape(_ rest: ArraySlice<UInt8>) -> (written: [UInt8], read: Int) {
        let bytes = rest.dropFirst()
        guard let letter = bytes.first else { return (Array(rest), 1) }
        if letter == UInt8(ascii: "u") {
            let digits = bytes.dropFirst().prefix(4)
            if digits.count == 4, digits.allSatisfy(isHexDigit) { return (Array("\\x{".utf8) + digits + [UInt8(ascii: "}")], 6) }
        }
        if letter == UInt8(ascii: "Q") {
            let end = quoteEnd(bytes.dropFirst())
            return (Array(rest[..<end]), end - rest.startIndex)
        }
        return (Array(rest.prefix(2)), 2)
    }

    /// Behind the `\E` that ends a quotation, or the end.
    private static func quoteEnd(_ rest: ArraySlice<UInt8>) -> Int {
        var position = rest.startIndex
        while position + 1 < rest.endIndex {
            if rest[position] == UInt8(ascii: "\\"), rest[position + 1] == UInt8(ascii: "E") { return position + 2 }
            position += 1
        }
        return rest.endIndex
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
