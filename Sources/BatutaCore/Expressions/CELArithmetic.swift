extension CELValue {
    /// `+ - * / %` of numbers, timestamps and durations: both sides of one type, errors instead of overflow.
    func calculate(_ symbol: ExpressionOperator, _ other: CELValue) throws(ExpressionError) -> CELValue {
        if let left = asDouble, let right = other.asDouble, let result = Self.doubles(symbol, left, right) { return .double(result) }
        switch (self, other) {
        case (.int(let left), .int(let right)): return .int(try Self.integers(symbol, left, right))
        case (.uint(let left), .uint(let right)): return .uint(try Self.integers(symbol, left, right))
        default:
            guard let result = try times(symbol, other) else { throw ExpressionError.noOverload(symbol, self, other) }
            return result
        }
    }

    private static func doubles(_ symbol: ExpressionOperator, _ left: Double, _ right: Double) -> Double? {
        switch symbol {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        default: nil
        }
    }

    private static func integers<Value: FixedWidthInteger>(
        _ symbol: ExpressionOperator,
        _ left: Value,
        _ right: Value
    ) throws(ExpressionError) -> Value {
        if right == 0, symbol == .divide || symbol == .remainder {
            throw ExpressionError(
                .divisionByZero,
                symbol == .divide
                    ? Words("division by zero", "divisão por zero")
                    : Words("remainder of a division by zero", "resto de uma divisão por zero")
            )
        }
        let (result, overflow) =
            switch symbol {
            case .add: left.addingReportingOverflow(right)
            case .subtract: left.subtractingReportingOverflow(right)
            case .multiply: left.multipliedReportingOverflow(by: right)
            case .divide: left.dividedReportingOverflow(by: right)
            default: left.remainderReportingOverflow(dividingBy: right)
            }
        guard !overflow else {
            throw ExpressionError(.overflow, Words("integer overflow", "o resultado não cabe em um inteiro de 64 bits"))
        }
        return result
    }

    /// Moments and spans: what they have in common with a number line; nil for combinations that mean nothing.
    private func times(_ symbol: ExpressionOperator, _ other: CELValue) throws(ExpressionError) -> CELValue? {
        let result: CELValue?
        switch (self, symbol, other) {
        case (.timestamp(let moment), .add, .duration(let span)), (.duration(let span), .add, .timestamp(let moment)):
            result = CELTimestamp(nanoseconds: moment.nanoseconds + span.nanoseconds).map { .timestamp($0) }
        case (.timestamp(let moment), .subtract, .duration(let span)):
            result = CELTimestamp(nanoseconds: moment.nanoseconds - span.nanoseconds).map { .timestamp($0) }
        case (.timestamp(let one), .subtract, .timestamp(let another)):
            result = CELDuration(nanoseconds: one.nanoseconds - another.nanoseconds).map { .duration($0) }
        case (.duration(let one), .add, .duration(let another)):
            result = CELDuration(nanoseconds: one.nanoseconds + another.nanoseconds).map { .duration($0) }
        case (.duration(let one), .subtract, .duration(let another)):
            result = CELDuration(nanoseconds: one.nanoseconds - another.nanoseconds).map { .duration($0) }
        default: return nil
        }
        guard let result else {
            throw ExpressionError(
                .overflow,
                Words("the timestamp or duration is out of range", "a hora ou a duração está fora do intervalo")
            )
        }
        return result
    }

    func negated() throws(ExpressionError) -> CELValue {
        if let value = asDouble { return .double(-value) }
        switch self {
        case .int(let value):
            guard value != .min else {
                throw ExpressionError(.overflow, Words("integer overflow", "o resultado não cabe em um inteiro de 64 bits"))
            }
            return .int(-value)
        default: throw ExpressionError(.wrongType, .noOverload("-\(typeWord)"))
        }
    }
}
