import BatutaCore

/// What a plain scalar means by the core schema of YAML 1.2 (§10.3.2): `on`, `off`, `yes` and `no` are text, `0o17` is fifteen.
enum YAMLScalar {
    enum Meaning {
        case null
        case bool(Bool)
        case number(JSONNumber)
        /// A number of the core schema that JSON cannot hold.
        case unusableNumber
        case text
    }

    /// Longer literals than this are no numbers that anybody writes; `JSONLimits` refuses them too.
    private static let longestNumber = 1_024

    static func meaning(of text: String) -> Meaning {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(Array(text.utf8))
        }
    }

    private static func number(_ bytes: [UInt8]) -> Meaning {
        guard let first = bytes.first, isDigit(first) || "+-.".utf8.contains(first) else { return .text }
        if bytes.starts(with: "0o".utf8) { return whole(bytes.dropFirst(2), radix: 8) }
        if bytes.starts(with: "0x".utf8) { return whole(bytes.dropFirst(2), radix: 16) }
        let negative = first == UInt8(ascii: "-")
        let rest = negative || first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes[...]
        if isInfinityOrNaN(rest, signed: rest.count < bytes.count) { return .unusableNumber }
        return decimal(rest, negative: negative)
    }

    private static func isInfinityOrNaN(_ text: ArraySlice<UInt8>, signed: Bool) -> Bool {
        let word = String(decoding: text, as: UTF8.self)
        return [".inf", ".Inf", ".INF"].contains(word) || !signed && [".nan", ".NaN", ".NAN"].contains(word)
    }

    private static func whole(_ figures: ArraySlice<UInt8>, radix: Int) -> Meaning {
        let text = String(decoding: figures, as: UTF8.self)
        let isFigure = radix == 8 ? isOctal : isHexadecimal
        guard !figures.isEmpty, figures.allSatisfy(isFigure) else { return .text }
        guard let value = UInt64(text, radix: radix) else { return .unusableNumber }
        return .number(JSONNumber(validated: String(value)))
    }

    /// `[0-9]+`, `[0-9]+ . [0-9]*` or `. [0-9]+`, and an exponent.
    private static func decimal(_ text: ArraySlice<UInt8>, negative: Bool) -> Meaning {
        let figures = text.prefix(while: isDigit)
        var rest = text.dropFirst(figures.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !figures.isEmpty || !fraction.isEmpty, let exponent = exponent(rest) else { return .text }
        guard text.count <= longestNumber else { return .unusableNumber }
        let significant = figures.drop { $0 == 48 }
        var literal = negative ? "-" : ""
        literal += significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
        if !fraction.isEmpty { literal += "." + String(decoding: fraction, as: UTF8.self) }
        return .number(JSONNumber(validated: literal + exponent))
    }

    /// The exponent as JSON writes it; empty for none, nil for something else.
    private static func exponent(_ text: ArraySlice<UInt8>) -> String? {
        guard let first = text.first else { return "" }
        guard first == UInt8(ascii: "e") || first == UInt8(ascii: "E") else { return nil }
        let signed = text.dropFirst()
        let figures = signed.first.map { $0 == 43 || $0 == 45 } == true ? signed.dropFirst() : signed
        guard !figures.isEmpty, figures.allSatisfy(isDigit) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isOctal(_ byte: UInt8) -> Bool { (48...55).contains(byte) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte) }
}
