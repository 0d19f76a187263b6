extension Evaluator {
    /// `a + b - c`: operators of a chain from the left, without recursion.
    mutating func chain(_ node: ExpressionNode) throws(ExpressionError) -> CELValue {
        var links: [ExpressionNode] = []
        var first = node
        while case .binary(_, let left, _) = first.kind {
            links.append(first)
            first = left
        }
        var value = try evaluate(first)
        while let link = links.popLast() {
            guard case .binary(let symbol, _, let right) = link.kind else { continue }
            try meter.step()
            let other = try evaluate(right)
            do throws(ExpressionError) {
                value = try apply(symbol, value, other)
            } catch {
                throw Self.placed(error, at: link)
            }
        }
        return value
    }

    private mutating func apply(_ symbol: ExpressionOperator, _ one: CELValue, _ other: CELValue) throws(ExpressionError) -> CELValue {
        switch symbol {
        case .equal: return .bool(try equal(one, other))
        case .notEqual: return .bool(!(try equal(one, other)))
        case .in: return .bool(try contains(other, one))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .bool(try compare(symbol, one, other))
        case .add: return try add(one, other)
        case .subtract, .multiply, .divide, .remainder: return try one.calculate(symbol, other)
        }
    }

    // MARK: Equality and order

    /// Values of different types are not equal; numbers of any type are equal when their values are.
    mutating func equal(_ one: CELValue, _ other: CELValue) throws(ExpressionError) -> Bool {
        if let order = CELNumber.compare(one, other) { return order == .equal }
        switch (one, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)):
            try meter.read(bytes: min(left.utf8.count, right.utf8.count))
            return left.isExactly(right)
        case (.bytes(let left), .bytes(let right)):
            try meter.read(bytes: left.count)
            return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.list(let left), .list(let right)): return try equal(left, right)
        case (.map(let left), .map(let right)): return try equal(left, right)
        default: return false
        }
    }

    private mutating func equal(_ one: CELList, _ other: CELList) throws(ExpressionError) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count {
            try meter.step()
            if !(try equal(one[index], other[index])) { return false }
        }
        return true
    }

    private mutating func equal(_ one: CELMap, _ other: CELMap) throws(ExpressionError) -> Bool {
        guard one.count == other.count else { return false }
        for key in one.keys {
            try meter.step()
            guard let left = one[key], let right = other[key], try equal(left, right) else { return false }
        }
        return true
    }

    private mutating func contains(_ container: CELValue, _ wanted: CELValue) throws(ExpressionError) -> Bool {
        switch container {
        case .list(let list):
            for index in 0..<list.count {
                try meter.step()
                if try equal(list[index], wanted) { return true }
            }
            return false
        case .map(let map):
            try meter.read(wanted)
            return CELMapKey(wanted).flatMap { map[$0] } != nil
        default:
            let hint = container.isString ? Words("; write text.contains(part)", "; escreva texto.contains(parte)") : .none
            let message = Words(
                "`in` looks into a list or a map, not into a value of type \(container.typeWord)",
                "`in` procura em uma lista ou em um mapa, não em um valor do tipo \(container.typeWord)"
            )
            throw ExpressionError(.wrongType, message + hint)
        }
    }

    private mutating func compare(_ symbol: ExpressionOperator, _ one: CELValue, _ other: CELValue) throws(ExpressionError) -> Bool {
        let order = try order(one, other, symbol)
        switch symbol {
        case .less: return order == .less
        case .lessOrEqual: return order == .less || order == .equal
        case .greater: return order == .greater
        default: return order == .greater || order == .equal
        }
    }

    private mutating func order(_ one: CELValue, _ other: CELValue, _ symbol: ExpressionOperator) throws(ExpressionError) -> CELOrder {
        if let order = CELNumber.compare(one, other) { return order }
        switch (one, other) {
        case (.bool(let left), .bool(let right)): return left == right ? .equal : right ? .less : .greater
        case (.string(let left), .string(let right)):
            try meter.read(bytes: min(left.utf8.count, right.utf8.count))
            return CELOrder(left, right)
        case (.bytes(let left), .bytes(let right)):
            try meter.read(bytes: min(left.count, right.count))
            return CELOrder(left, right)
        case (.timestamp(let left), .timestamp(let right)): return CELOrder(left, right)
        case (.duration(let left), .duration(let right)): return CELOrder(left, right)
        default: throw ExpressionError.noOverload(symbol, one, other)
        }
    }

    // MARK: Sums that make something new

    private mutating func add(_ one: CELValue, _ other: CELValue) throws(ExpressionError) -> CELValue {
        switch (one, other) {
        case (.string(let left), .string(let right)):
            try meter.make(bytes: left.utf8.count + right.utf8.count)
            return .string(left + right)
        case (.bytes(let left), .bytes(let right)):
            try meter.make(bytes: left.count + right.count)
            return .bytes(left + right)
        case (.list(let left), .list(let right)):
            try meter.make(elements: left.count + right.count)
            try meter.step(left.count + right.count)
            return .list(.values(left.all + right.all))
        default: return try one.calculate(.add, other)
        }
    }
}

extension CELList {
    /// Every element.
    var all: [CELValue] {
        switch self {
        case .json(let elements): elements.map { CELValue($0) }
        case .values(let values): values
        }
    }
}

extension CELValue {
    var isString: Bool {
        guard case .string = self else { return false }
        return true
    }

    /// Whether a map literal may have it as a key.
    var isKey: Bool {
        switch self {
        case .bool, .int, .uint, .string: true
        case .number(let number): number.isInteger
        default: false
        }
    }

    /// The value as an index or a count: an integer, or a number from JSON without a fraction.
    var wholeNumber: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .number(let number): number.int64
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }
}

extension ExpressionError {
    static func noOverload(_ symbol: ExpressionOperator, _ one: CELValue, _ other: CELValue) -> ExpressionError {
        let types = Set([one.typeWord, other.typeWord])
        return ExpressionError(
            .wrongType,
            .noOverload("\(one.typeWord) \(symbol.rawValue) \(other.typeWord)") + overloadHint(symbol, types)
        )
    }

    /// What to write instead, by the words of both types.
    static func overloadHint(_ symbol: ExpressionOperator, _ types: Set<String>) -> Words {
        if symbol == .remainder, types.contains("double") {
            return Words("; make it whole with int(x)", "; torne-o inteiro com int(x)")
        }
        if types == ["double", "int"] {
            return Words(
                "; numbers from JSON are doubles: write 1.0 for 1, or int(x)",
                "; números vindos de JSON são doubles: escreva 1.0 em vez de 1, ou int(x)"
            )
        }
        if symbol == .add, types.contains("string") {
            return Words("; make it a text with string(x)", "; transforme-o em texto com string(x)")
        }
        if types == ["timestamp", "string"] {
            return Words("; make it a timestamp with timestamp(x)", "; transforme-o em timestamp com timestamp(x)")
        }
        return .none
    }
}

extension Words {
    /// CEL's own phrase in English; `what` is an operation over types, such as `int + string`.
    static func noOverload(_ what: String) -> Words { Words("no such overload: \(what)", "operação que não existe: \(what)") }
}
