/// `'%s costs %.2f'.format([name, price])`: CEL's string extension.
struct CELFormat {
    let values: CELList
    private var next = 0
    private var result = ""

    init(values: CELList) { self.values = values }

    mutating func write(_ format: String, _ meter: inout EvaluationMeter) throws(ExpressionError) -> String {
        var rest = Array(format.utf8)[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            try put(ExpressionLexer.text(rest[..<percent]), &meter)
            rest = rest[(percent + 1)...]
            let precision = try takePrecision(&rest)
            guard let verb = rest.popFirst() else {
                throw Self.invalid(
                    Words(
                        "the format ends with `%`; write `%%` for a percent sign",
                        "o formato termina em `%`; para um sinal de porcentagem, escreva `%%`"
                    )
                )
            }
            if verb == UInt8(ascii: "%") {
                try put("%", &meter)
            } else {
                try put(try clause(verb, precision, &meter), &meter)
            }
        }
        try put(ExpressionLexer.text(rest), &meter)
        return result
    }

    private mutating func put(_ text: String, _ meter: inout EvaluationMeter) throws(ExpressionError) {
        try meter.make(bytes: text.utf8.count)
        result += text
    }

    private func takePrecision(_ rest: inout ArraySlice<UInt8>) throws(ExpressionError) -> Int? {
        guard rest.first == UInt8(ascii: ".") else { return nil }
        let digits = rest.dropFirst().prefix { ExpressionLexer.isDigit($0) }
        rest = rest.dropFirst(1 + digits.count)
        guard (1...3).contains(digits.count), let value = RFC3339Reader.digits(digits), value <= 100 else {
            throw Self.invalid(Words("a precision is a number up to 100", "a precisão é um número até 100"))
        }
        return value
    }

    private mutating func clause(_ verb: UInt8, _ precision: Int?, _ meter: inout EvaluationMeter) throws(ExpressionError) -> String {
        guard next < values.count else {
            throw Self.invalid(Words("the format names more values than the list has", "o formato pede mais valores do que a lista tem"))
        }
        let value = values[next]
        next += 1
        switch verb {
        case UInt8(ascii: "s"): return try Self.text(value, &meter)
        case UInt8(ascii: "d"): return try Self.decimal(value)
        case UInt8(ascii: "f"): return try Self.fixed(value, precision ?? 6)
        case UInt8(ascii: "e"): return try Self.scientific(value, precision ?? 6)
        case UInt8(ascii: "b"): return try Self.radix(value, 2)
        case UInt8(ascii: "o"): return try Self.radix(value, 8)
        case UInt8(ascii: "x"): return try Self.radix(value, 16)
        case UInt8(ascii: "X"): return try Self.radix(value, 16).uppercased()
        default:
            let written = "%" + (verb < 128 ? String(UnicodeScalar(verb)) : "?")
            throw Self.invalid(
                Words(
                    "unknown clause `\(written)`; there are %s %d %f %e %b %o %x %X %%",
                    "não existe a cláusula `\(written)`; existem %s %d %f %e %b %o %x %X %%"
                )
            )
        }
    }

    static func invalid(_ what: Words) -> ExpressionError {
        ExpressionError(.invalidArgument, Words("format(): ", "format(): ") + what)
    }

    private static func mismatch(_ clause: Words, _ value: CELValue) -> ExpressionError {
        let message = Words(
            "format(): \(clause.english) does not take a value of type \(value.typeWord)",
            "format(): \(clause.portuguese) não aceita um valor do tipo \(value.typeWord)"
        )
        return ExpressionError(.wrongType, message)
    }

    private static let forWholeNumbers = Words("a clause for whole numbers", "uma cláusula de números inteiros")
}

extension CELFormat {
    /// Lists as `[a, b]`, maps as `{k: v}` in the order of their keys.
    private static func text(_ value: CELValue, _ meter: inout EvaluationMeter) throws(ExpressionError) -> String {
        try meter.step()
        if let plain = value.plainText { return plain }
        switch value {
        case .null: return "null"
        case .type(let name): return name
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .list(let list):
            var parts: [String] = []
            for index in 0..<list.count { parts.append(try text(list[index], &meter)) }
            try meter.make(bytes: parts.reduce(2) { $0 + $1.utf8.count + 2 })
            return "[\(parts.joined(separator: ", "))]"
        case .map(let map):
            var parts: [String] = []
            for key in map.keys.sorted(by: { CELOrder($0.text, $1.text) == .less }) {
                parts.append("\(key.text): \(try text(map[key] ?? .null, &meter))")
            }
            try meter.make(bytes: parts.reduce(2) { $0 + $1.utf8.count + 2 })
            return "{\(parts.joined(separator: ", "))}"
        default: return ""
        }
    }

    private static func decimal(_ value: CELValue) throws(ExpressionError) -> String {
        switch value {
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .number, .double:
            guard let whole = value.wholeNumber else { throw mismatch(Words("%d", "%d"), value) }
            return String(whole)
        default: throw mismatch(Words("%d", "%d"), value)
        }
    }

    private static func fixed(_ value: CELValue, _ precision: Int) throws(ExpressionError) -> String {
        guard let decimal = DecimalText(value) else {
            if let number = value.asDouble { return CELValue.double(number).plainText ?? "NaN" }
            throw mismatch(Words("%f", "%f"), value)
        }
        return decimal.rounded(to: precision).text(digits: precision, grouping: "", point: ".")
    }

    private static func scientific(_ value: CELValue, _ precision: Int) throws(ExpressionError) -> String {
        guard let decimal = DecimalText(value) else {
            if let number = value.asDouble { return CELValue.double(number).plainText ?? "NaN" }
            throw mismatch(Words("%e", "%e"), value)
        }
        return decimal.scientific(digits: precision)
    }

    private static func radix(_ value: CELValue, _ radix: Int) throws(ExpressionError) -> String {
        switch value {
        case .int(let number): return String(number, radix: radix)
        case .uint(let number): return String(number, radix: radix)
        case .bool(let flag) where radix == 2: return flag ? "1" : "0"
        case .number, .double:
            guard let whole = value.wholeNumber else { throw mismatch(forWholeNumbers, value) }
            return String(whole, radix: radix)
        case .string(let text) where radix == 16: return hexadecimal(Array(text.utf8))
        case .bytes(let bytes) where radix == 16: return hexadecimal(bytes)
        default: throw mismatch(forWholeNumbers, value)
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
