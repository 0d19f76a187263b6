import BatutaCore

/// A value as PostgreSQL writes it in text (with ISO dates, in UTC), as JSON. Types are the numbers of `pg_type`.
enum PostgresTextValue {
    static func value(_ text: String, type: UInt32) -> JSON {
        if let element = elements[type] { return array(text, of: element) }
        switch type {
        case 16: return .bool(text == "t")
        case 20, 21, 23, 26, 700, 701, 1_700: return number(text)
        case 114, 3_802: return (try? JSON.parse(text)) ?? .string(text)
        case 17: return .string(bytes(text))
        case 1_114: return .string(moment(text))
        case 1_184: return .string(moment(text, inUTC: true))
        default: return .string(text)
        }
    }

    /// Every digit as it is; what JSON has no number for (`NaN`, `Infinity`) is text.
    private static func number(_ text: String) -> JSON {
        if let value = try? JSON.parse(text), case .number = value { return value }
        return .string(text)
    }

    /// `2026-01-02 03:04:05.6+00` → `2026-01-02T03:04:05.6Z` (RFC 3339); `infinity` and years before Christ stay as they are.
    private static func moment(_ text: String, inUTC: Bool = false) -> String {
        guard let space = text.firstIndex(of: " "), text.first?.isNumber == true, !text.hasSuffix("BC") else { return text }
        let moment = text[..<space] + "T" + text[text.index(after: space)...]
        return inUTC && moment.hasSuffix("+00") ? moment.dropLast(3) + "Z" : String(moment)
    }

    /// `\x0102` → base64, as JSON has no bytes.
    private static func bytes(_ text: String) -> String {
        guard text.hasPrefix("\\x") else { return text }
        let digits = Array(text.utf8.dropFirst(2))
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
        return Base64.encode(bytes)
    }

    private static func array(_ text: String, of element: UInt32) -> JSON {
        var reader = PostgresArrayReader(text, element: element)
        return reader.read() ?? .string(text)
    }

    /// The arrays of the built-in types, by their own number and that of their elements.
    private static let elements: [UInt32: UInt32] = [
        1_000: 16, 1_001: 17, 1_005: 21, 1_007: 23, 1_016: 20, 1_028: 26, 1_021: 700, 1_022: 701, 1_231: 1_700, 1_009: 25, 1_014: 1_042,
        1_015: 1_043, 1_002: 18, 1_003: 19, 1_182: 1_082, 1_183: 1_083, 1_115: 1_114, 1_185: 1_184, 1_270: 1_266, 1_187: 1_186,
        2_951: 2_950,
        199: 114, 3_807: 3_802, 1_041: 869, 651: 650,
    ]

    static func isArray(_ type: UInt32) -> Bool { elements[type] != nil }

    /// A JSON array as PostgreSQL reads arrays: `{1,NULL,"a, b"}`.
    static func literal(_ elements: [JSON]) -> String {
        let parts = elements.map { element in
            switch element {
            case .null: "NULL"
            case .array(let inner): literal(inner)
            case .bool(let flag): flag ? "t" : "f"
            case .number(let number): number.literal
            case .string(let text): quoted(text)
            case .object: quoted(element.text)
            }
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// Reads the text of an array (PostgreSQL, "Array Input and Output Syntax").
private struct PostgresArrayReader {
    private let bytes: [UInt8]
    private let element: UInt32
    private var place = 0

    init(_ text: String, element: UInt32) {
        bytes = Array(text.utf8)
        self.element = element
    }

    /// nil when it is none.
    mutating func read() -> JSON? {
        // `[2:3]={…}`: the bounds say nothing about the values.
        if bytes.first == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) { place = equals + 1 }
        guard let value = readArray(depth: 0), place == bytes.count else { return nil }
        return value
    }

    /// PostgreSQL has at most six dimensions.
    private mutating func readArray(depth: Int) -> JSON? {
        guard depth < 6, take("{") else { return nil }
        var elements: [JSON] = []
        if take("}") { return .array([]) }
        while true {
            guard let value = peek == UInt8(ascii: "{") ? readArray(depth: depth + 1) : readElement() else { return nil }
            elements.append(value)
            if take("}") { return .array(elements) }
            guard take(",") else { return nil }
        }
    }

    private mutating func readElement() -> JSON? {
        let isQuoted = take("\"")
        var text: [UInt8] = []
        while let byte = peek {
            if byte == UInt8(ascii: "\\") {
                place += 1
            } else if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
                break
            }
            guard place < bytes.count else { return nil }
            text.append(bytes[place])
            place += 1
        }
        if isQuoted, !take("\"") { return nil }
        let value = String(decoding: text, as: UTF8.self)
        return !isQuoted && value == "NULL" ? .null : PostgresTextValue.value(value, type: element)
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }
}
