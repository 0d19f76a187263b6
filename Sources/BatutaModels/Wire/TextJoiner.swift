import BatutaCore

/// Puts characters together that a provider cut in two: half a surrogate pair or a few bytes of UTF-8 in one delta, the rest in the next.
///
/// A strict JSON parser refuses such halves, so `TextRepair` first writes each as a character of a private plane; this joins them again, one
/// joiner per text (content, reasoning, each call's arguments). A half that never finds its other half becomes U+FFFD.
struct TextJoiner: Sendable {
    private var high: UInt32?
    private var partial: [UInt8] = []

    var isWaiting: Bool { high != nil || !partial.isEmpty }

    /// Joins a piece. Untouched text passes through when it was not repaired and nothing is waiting.
    mutating func push(_ text: String, repaired: Bool) -> String {
        guard repaired || isWaiting, !text.isEmpty else { return text }
        var joined = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch TextRepair.meaning(of: scalar) {
            case .surrogate(let half) where repaired: take(half, into: &joined)
            case .byte(let byte) where repaired: take(byte, into: &joined)
            default:
                flush(into: &joined)
                joined.append(scalar)
            }
        }
        return String(joined)
    }

    /// What is left when no further text comes: U+FFFD for a half, or nothing.
    mutating func finish() -> String {
        var joined = String.UnicodeScalarView()
        flush(into: &joined)
        return String(joined)
    }

    private mutating func take(_ half: UInt32, into joined: inout String.UnicodeScalarView) {
        if let first = high, half >= 0xDC00 {
            high = nil
            let value = 0x10000 + (first - 0xD800) << 10 + (half - 0xDC00)
            joined.append(Unicode.Scalar(value) ?? "\u{FFFD}")
            return
        }
        flush(into: &joined)
        if half < 0xDC00 { high = half } else { joined.append("\u{FFFD}") }
    }

    private mutating func take(_ byte: UInt8, into joined: inout String.UnicodeScalarView) {
        if high != nil || byte & 0xC0 != 0x80 { flush(into: &joined) }
        partial.append(byte)
        guard let length = Self.length(of: partial[0]) else { return flush(into: &joined) }
        guard partial.count == length else { return }
        joined.append(contentsOf: String(decoding: partial, as: UTF8.self).unicodeScalars)
        partial = []
    }

    private mutating func flush(into joined: inout String.UnicodeScalarView) {
        if isWaiting { joined.append("\u{FFFD}") }
        high = nil
        partial = []
    }

    /// How many bytes a character has that begins with this one; nil when none does (RFC 3629 §4).
    private static func length(of lead: UInt8) -> Int? {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: nil
        }
    }
}

extension JSON {
    /// A document that was repaired before it was parsed, with the characters of its texts put together again; each is whole in itself.
    func joined(_ isRepaired: Bool) -> JSON {
        guard isRepaired else { return self }
        switch self {
        case .null, .bool, .number: return self
        case .string(let text): return .string(Self.joined(text))
        case .array(let values): return .array(values.map { $0.joined(true) })
        case .object(let object): return .object(JSONObject(object.members.map { (Self.joined($0.key), $0.value.joined(true)) }))
        }
    }

    private static func joined(_ text: String) -> String {
        var joiner = TextJoiner()
        return joiner.push(text, repaired: true) + joiner.finish()
    }
}

/// Rewrites a JSON document so that halves of characters in its texts survive parsing.
enum TextRepair {
    enum Meaning {
        case surrogate(UInt32)
        case byte(UInt8)
        case character
    }

    /// Lone surrogates live at U+10F800…, stray bytes at U+10F700…: private use of plane 16, told apart from real text by the repair itself.
    static func meaning(of scalar: Unicode.Scalar) -> Meaning {
        switch scalar.value {
        case 0x10F800...0x10FFFF: .surrogate(scalar.value - 0x10F800 + 0xD800)
        case 0x10F780...0x10F7FF: .byte(UInt8(truncatingIfNeeded: scalar.value))
        default: .character
        }
    }

    /// The document with every lone surrogate and every byte that is no UTF-8 rewritten.
    static func repaired(_ document: UnsafeRawBufferPointer) -> [UInt8] {
        document.withMemoryRebound(to: UInt8.self) { bytes in
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count + 64)
            var index = 0
            while index < bytes.count { index += copyOne(bytes, at: index, into: &result) }
            return result
        }
    }

    /// Copies the unit at `index`; returns how many bytes it took. Real characters of the private range are taken apart like lone halves,
    /// so that the joiner makes them whole again.
    private static func copyOne(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, into result: inout [UInt8]) -> Int {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\\") { return copyEscape(bytes, at: index, into: &result) }
        if byte < 0x80 { return copy(bytes, index, 1, into: &result) }
        guard let scalar = character(bytes, at: index) else {
            append(0x10F700 + UInt32(byte), to: &result)
            return 1
        }
        guard scalar.value >= 0x10F780 else { return copy(bytes, index, UTF8.width(scalar), into: &result) }
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { append(0x10F800 + UInt32(unit) - 0xD800, to: &result) }
        return UTF8.width(scalar)
    }

    private static func copyEscape(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, into result: inout [UInt8]) -> Int {
        guard let half = escapedSurrogate(bytes, at: index) else { return copy(bytes, index, 2, into: &result) }
        // U+10F780 and above begin with this half.
        if half < 0xDBFD, let low = escapedSurrogate(bytes, at: index + 6), low >= 0xDC00 { return copy(bytes, index, 12, into: &result) }
        append(0x10F800 + half - 0xD800, to: &result)
        return 6
    }

    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ count: Int, into result: inout [UInt8]) -> Int {
        let end = Swift.min(index + count, bytes.count)
        result.append(contentsOf: bytes[index..<end])
        return end - index
    }

    private static func append(_ value: UInt32, to result: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(value) else { return }
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    /// The well-formed character at `index`.
    private static func character(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Unicode.Scalar? {
        var decoder = UTF8()
        var iterator = bytes[index..<Swift.min(index + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    /// The half when a `\uD800`…`\uDFFF` escape stands at `index`.
    private static func escapedSurrogate(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else { return nil }
        var value: UInt32 = 0
        for digit in bytes[index + 2..<index + 6] {
            guard let figure = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(figure)
        }
        return (0xD800...0xDFFF).contains(value) ? value : nil
    }
}
