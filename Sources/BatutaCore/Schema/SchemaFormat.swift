/// The formats that are enforced; others are annotations.
enum SchemaFormat: String, Sendable, CaseIterable {
    case date, time, email, uri, uuid
    case dateTime = "date-time"

    func admits(_ text: String) -> Bool {
        guard text.utf8.count <= 8_192 else { return false }
        let bytes = Array(text.utf8)
        switch self {
        case .date: return Self.isDate(bytes)
        case .time: return Self.isTime(bytes)
        case .dateTime: return RFC3339Reader.read(bytes) != nil
        case .email: return Self.isEmail(bytes)
        case .uri: return Self.isURI(bytes)
        case .uuid: return Self.isUUID(bytes)
        }
    }

    /// What to write, for messages.
    var wanted: String {
        switch self {
        case .date: "a date of the calendar like 2026-01-19"
        case .time: "a time like 18:00, 18:00:00 or 18:00:00Z"
        case .dateTime: "a date and time with offset like 2026-01-19T18:00:00Z or 2026-01-19T18:00:00-03:00"
        case .email: "an e-mail address like ana@example.com"
        case .uri: "an absolute URI like https://example.com/path"
        case .uuid: "a UUID like 123e4567-e89b-12d3-a456-426614174000"
        }
    }

    private static func isDate(_ text: [UInt8]) -> Bool {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), let year = RFC3339Reader.digits(text[0..<4]),
            let month = RFC3339Reader.digits(text[5..<7]), let day = RFC3339Reader.digits(text[8..<10])
        else { return false }
        return RFC3339Reader.isDate(year: year, month: month, day: day)
    }

    /// RFC 3339's time, and `HH:MM` and `HH:MM:SS` as people write them.
    private static func isTime(_ text: [UInt8]) -> Bool {
        let tail = text.count == 5 ? ":00Z" : text.count == 8 ? "Z" : ""
        return RFC3339Reader.read(Array("2000-01-01T".utf8) + text + Array(tail.utf8)) != nil
    }

    private static func isUUID(_ text: [UInt8]) -> Bool {
        text.count == 36
            && text.enumerated().allSatisfy {
                [8, 13, 18, 23].contains($0.offset) ? $0.element == UInt8(ascii: "-") : isHexDigit($0.element)
            }
    }

    /// RFC 5321's dot-atom address, with RFC 6531's letters beyond ASCII; quoted local parts and address literals are refused.
    private static func isEmail(_ text: [UInt8]) -> Bool {
        guard text.count <= 254, let at = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let (local, domain) = (text[..<at], text[(at + 1)...])
        return (1...64).contains(local.count) && local.split(separator: dot, omittingEmptySubsequences: false).allSatisfy(isAtom)
            && domain.split(separator: dot, omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static let dot = UInt8(ascii: ".")

    private static func isAtom(_ part: ArraySlice<UInt8>) -> Bool {
        !part.isEmpty && part.allSatisfy { isLetterOrDigit($0) || $0 >= 0x80 || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
    }

    private static func isLabel(_ part: ArraySlice<UInt8>) -> Bool {
        (1...63).contains(part.count) && part.first != UInt8(ascii: "-") && part.last != UInt8(ascii: "-")
            && part.allSatisfy { isLetterOrDigit($0) || $0 >= 0x80 || $0 == UInt8(ascii: "-") }
    }

    /// RFC 3986, section 3: a scheme, then characters and escapes of a URI; `http` and `https` need a host.
    private static func isURI(_ text: [UInt8]) -> Bool {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), let first = text.first, isLetter(first),
            text[..<colon].allSatisfy({ isLetterOrDigit($0) || "+-.".utf8.contains($0) })
        else { return false }
        var rest = text[(colon + 1)...]
        guard hasOnlyURICharacters(rest) else { return false }
        let scheme = String(decoding: text[..<colon], as: UTF8.self).lowercased()
        guard rest.starts(with: Array("//".utf8)) else { return scheme != "http" && scheme != "https" && !rest.isEmpty }
        rest = rest.dropFirst(2)
        return isAuthority(rest.prefix { !"/?#".utf8.contains($0) }, mayBeEmpty: scheme != "http" && scheme != "https")
    }

    private static func isAuthority(_ text: ArraySlice<UInt8>, mayBeEmpty: Bool) -> Bool {
        var host = text.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? []
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let port = host[(end + 1)...]
            return port.isEmpty || (port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy(isDigit))
        }
        if let colon = host.lastIndex(of: UInt8(ascii: ":")) {
            guard host[(colon + 1)...].allSatisfy(isDigit) else { return false }
            host = host[..<colon]
        }
        return (mayBeEmpty || !host.isEmpty) && !host.contains { "[]:".utf8.contains($0) }
    }

    private static func hasOnlyURICharacters(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, rest.prefix(2).allSatisfy(isHexDigit) else { return false }
            } else if !isLetterOrDigit(byte), !"-._~:/?#[]@!$&'()*+,;=".utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte) }
}
