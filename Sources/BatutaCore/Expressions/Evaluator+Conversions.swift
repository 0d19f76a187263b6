extension Evaluator {
    /// `int(x)`, `string(x)` and the other conversions between types.
    mutating func convert(_ call: CELCall) throws(ExpressionError) -> CELValue {
        try meter.read(call[0])
        switch call.function {
        case .int: return .int(try call.toInt())
        case .uint: return .uint(try call.toUInt())
        case .double: return try call.toDouble()
        case .bool: return .bool(try call.toBool())
        case .timestamp: return .timestamp(try call.toTimestamp())
        case .duration: return .duration(try call.toDuration())
        case .bytes: return try toBytes(call)
        default: return try toString(call)
        }
    }

    private mutating func toBytes(_ call: CELCall) throws(ExpressionError) -> CELValue {
        switch call[0] {
        case .bytes: return call[0]
        case .string(let text):
            try meter.make(bytes: text.utf8.count)
            return .bytes(Array(text.utf8))
        default: throw call.wrongType()
        }
    }

    private mutating func toString(_ call: CELCall) throws(ExpressionError) -> CELValue {
        if case .string = call[0] { return call[0] }
        if case .bytes(let bytes) = call[0] {
            try meter.make(bytes: bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw call.invalid(Words("the bytes are not UTF-8", "os bytes não são UTF-8"))
            }
            return .string(text)
        }
        guard let text = call[0].plainText else { throw call.wrongType() }
        return .string(text)
    }
}

extension CELValue {
    /// The value as `string()` writes it; nil for null, lists, maps, types and bytes.
    var plainText: String? {
        switch self {
        case .string(let text): text
        case .bool(let flag): String(flag)
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .double(let value): value.isFinite ? JSONNumber(value).literal : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
        case .number(let number): number.literal
        case .timestamp(let timestamp): timestamp.text
        case .duration(let duration): duration.text
        case .null, .bytes, .list, .map, .type: nil
        }
    }
}

extension CELCall {
    /// Doubles are cut toward zero; a number from JSON that is whole stays exact.
    fileprivate func toInt() throws(ExpressionError) -> Int64 {
        switch self[0] {
        case .int(let value): return value
        case .uint(let value):
            guard let whole = Int64(exactly: value) else { throw outOfRange(Words("the number", "o número")) }
            return whole
        case .number(let number):
            if let whole = number.int64 { return whole }
            return try truncated(number.double)
        case .double(let value): return try truncated(value)
        case .string(let text):
            guard let whole = Int64(text) else {
                throw invalid(Words("the text is no 64-bit integer", "o texto não é um inteiro de 64 bits"))
            }
            return whole
        case .timestamp(let timestamp): return timestamp.seconds
        default: throw wrongType()
        }
    }

    private func truncated<Value: FixedWidthInteger>(_ value: Double) throws(ExpressionError) -> Value {
        guard let whole = Value(exactly: value.rounded(.towardZero)) else { throw outOfRange(Words("the number", "o número")) }
        return whole
    }

    fileprivate func toUInt() throws(ExpressionError) -> UInt64 {
        switch self[0] {
        case .uint(let value): return value
        case .int(let value):
            guard let whole = UInt64(exactly: value) else { throw outOfRange(Words("the number", "o número")) }
            return whole
        case .number(let number):
            if let whole = UInt64(number.literal) { return whole }
            return try truncated(number.double)
        case .double(let value): return try truncated(value)
        case .string(let text):
            guard let whole = UInt64(text) else {
                throw invalid(Words("the text is no unsigned 64-bit integer", "o texto não é um inteiro de 64 bits sem sinal"))
            }
            return whole
        default: throw wrongType()
        }
    }

    fileprivate func toDouble() throws(ExpressionError) -> CELValue {
        switch self[0] {
        case .double, .number: return self[0]
        case .int(let value): return .double(Double(value))
        case .uint(let value): return .double(Double(value))
        case .string(let text):
            guard text.utf8.count <= 1_024, let value = Double(text) else {
                throw invalid(Words("the text is no number", "o texto não é um número"))
            }
            return .double(value)
        default: throw wrongType()
        }
    }

    /// The spellings of Go's `strconv.ParseBool`, which CEL takes over.
    fileprivate func toBool() throws(ExpressionError) -> Bool {
        switch self[0] {
        case .bool(let flag): return flag
        case .string(let text):
            if ["1", "t", "true", "TRUE", "True"].contains(text) { return true }
            if ["0", "f", "false", "FALSE", "False"].contains(text) { return false }
            throw invalid(Words("the text is neither true nor false", "o texto não é nem true nem false"))
        default: throw wrongType()
        }
    }

    /// A number is seconds since 1970.
    fileprivate func toTimestamp() throws(ExpressionError) -> CELTimestamp {
        switch self[0] {
        case .timestamp(let timestamp): return timestamp
        case .string(let text):
            guard let timestamp = CELTimestamp(text) else {
                throw invalid(
                    Words(
                        "the text is no time in RFC 3339, such as 2026-01-19T18:00:00Z",
                        "o texto não é uma hora em RFC 3339, como 2026-01-19T18:00:00Z"
                    )
                )
            }
            return timestamp
        case .int, .number:
            guard let seconds = self[0].wholeNumber else { throw wrongType() }
            guard let timestamp = CELTimestamp(seconds: seconds) else { throw outOfRange(Words("the time", "a hora")) }
            return timestamp
        default: throw wrongType()
        }
    }

    fileprivate func toDuration() throws(ExpressionError) -> CELDuration {
        switch self[0] {
        case .duration(let duration): return duration
        case .string(let text):
            guard let duration = CELDuration(text) else {
                throw invalid(
                    Words("the text is no duration, such as 90s, 1h30m or 7d", "o texto não é uma duração, como 90s, 1h30m ou 7d")
                )
            }
            return duration
        default: throw wrongType()
        }
    }
}
