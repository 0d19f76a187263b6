extension Evaluator {
    /// Calls a function; the parser has checked the number of its arguments.
    mutating func call(_ function: ExpressionFunction, _ nodes: [ExpressionNode]) throws(ExpressionError) -> CELValue {
        var arguments: [CELValue] = []
        arguments.reserveCapacity(nodes.count)
        for node in nodes { arguments.append(try evaluate(node)) }
        return try perform(CELCall(function: function, arguments: arguments))
    }

    private mutating func perform(_ call: CELCall) throws(ExpressionError) -> CELValue {
        switch call.function {
        case .size: return .int(Int64(try size(call)))
        case .type: return .type(call[0].typeName)
        case .dyn: return call[0]
        case .int, .uint, .double, .string, .bool, .bytes, .timestamp, .duration: return try convert(call)
        case .matches: return try matches(call[0], try dynamicPattern(try call.string(1)))
        case .contains, .startsWith, .endsWith, .indexOf, .lastIndexOf: return try search(call)
        case .charAt, .substring, .lowerAscii, .upperAscii, .trim, .reverse, .quote: return try cut(call)
        case .join, .replace, .split, .format: return try compose(call)
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear:
            try payForZone(call)
            return .int(try call.calendarField())
        case .getHours, .getMinutes, .getSeconds, .getMilliseconds:
            try payForZone(call)
            return .int(try call.clockField())
        case .greatest, .least: return try extreme(call)
        case .absolute, .ceiling, .floor, .round, .truncate, .sign: return try call.rounded()
        case .number: return .string(try call.formattedNumber(language: scope.language))
        case .money: return .string(try call.formattedMoney(language: scope.language))
        }
    }

    /// A named zone is a small file that is read: it counts as 100 steps.
    private mutating func payForZone(_ call: CELCall) throws(ExpressionError) {
        if call.arguments.count > 1 { try meter.step(100) }
    }

    private mutating func size(_ call: CELCall) throws(ExpressionError) -> Int {
        switch call[0] {
        case .string(let text):
            try meter.read(bytes: text.utf8.count)
            return text.unicodeScalars.count
        case .bytes(let bytes): return bytes.count
        case .list(let list): return list.count
        case .map(let map): return map.count
        default: throw call.wrongType()
        }
    }

    mutating func matches(_ text: CELValue, _ pattern: Pattern) throws(ExpressionError) -> CELValue {
        guard case .string(let text) = text else {
            throw ExpressionError(
                .wrongType,
                Words(
                    "matches() takes a text, not a value of type \(text.typeWord)",
                    "matches() recebe um texto, não um valor do tipo \(text.typeWord)"
                )
            )
        }
        try meter.step(text.utf8.count / 16)
        return .bool(pattern.matches(text))
    }

    /// Compiling is dear: it counts as 100 steps and more for a longer pattern.
    private mutating func dynamicPattern(_ source: String) throws(ExpressionError) -> Pattern {
        try meter.step(100 + source.utf8.count)
        guard let pattern = try? Pattern(source) else {
            throw ExpressionError(
                .invalidArgument,
                Words(
                    "matches(): the text is no regular expression that RE2 takes",
                    "matches(): o texto não é uma expressão regular que o RE2 aceite"
                )
            )
        }
        return pattern
    }

    private mutating func extreme(_ call: CELCall) throws(ExpressionError) -> CELValue {
        var candidates = CELList.values(call.arguments)
        if call.arguments.count == 1, case .list(let list) = call[0] { candidates = list }
        guard candidates.count > 0 else {
            throw ExpressionError(.invalidArgument, Words("\(call.name)() of an empty list", "\(call.name)() de uma lista vazia"))
        }
        let wanted: CELOrder = call.function == .greatest ? .greater : .less
        var best = candidates[0]
        for index in 0..<candidates.count {
            try meter.step()
            guard let order = CELNumber.compare(candidates[index], best) else { throw call.wrongType() }
            if order == wanted { best = candidates[index] }
        }
        return best
    }
}

/// A function with the values of its arguments; the receiver of a method is the first.
struct CELCall {
    let function: ExpressionFunction
    let arguments: [CELValue]

    var name: String { function.rawValue }

    /// The parser has checked that there are as many.
    subscript(index: Int) -> CELValue { arguments.indices.contains(index) ? arguments[index] : .null }

    func string(_ index: Int) throws(ExpressionError) -> String {
        guard case .string(let text) = self[index] else { throw wrongType() }
        return text
    }

    /// A whole number, or nil when the argument was not given.
    func optionalWhole(_ index: Int) throws(ExpressionError) -> Int64? {
        guard arguments.count > index else { return nil }
        guard let whole = self[index].wholeNumber else { throw wrongType() }
        return whole
    }

    func whole(_ index: Int) throws(ExpressionError) -> Int64 {
        guard let whole = try optionalWhole(index) else { throw wrongType() }
        return whole
    }

    func wrongType() -> ExpressionError {
        var words = arguments.map(\.typeWord)
        let receiver = function.form.isMethod && !function.form.isGlobal && !words.isEmpty ? words.removeFirst() + "." : ""
        return ExpressionError(.wrongType, .noOverload("\(receiver)\(name)(\(words.joined(separator: ", ")))"))
    }

    func outOfRange(_ what: Words) -> ExpressionError {
        let message = Words("\(name)(): \(what.english) is out of range", "\(name)(): \(what.portuguese) está fora do intervalo")
        return ExpressionError(.overflow, message)
    }

    func invalid(_ what: Words) -> ExpressionError {
        ExpressionError(.invalidArgument, Words("\(name)(): ", "\(name)(): ") + what)
    }
}

extension CELCall {
    /// `math.abs` and the roundings. Integers round to themselves.
    func rounded() throws(ExpressionError) -> CELValue {
        if let value = self[0].asDouble { return .double(rounded(value)) }
        switch (self[0], function) {
        case (.int(let value), .absolute):
            guard value != .min else { throw outOfRange(Words("the result", "o resultado")) }
            return .int(abs(value))
        case (.int(let value), .sign): return .int(value.signum())
        case (.uint(let value), .sign): return .uint(value == 0 ? 0 : 1)
        case (.uint(let value), .absolute): return .uint(value)
        default: throw wrongType()
        }
    }

    private func rounded(_ value: Double) -> Double {
        switch function {
        case .absolute: abs(value)
        case .ceiling: value.rounded(.up)
        case .floor: value.rounded(.down)
        case .round: value.rounded(.toNearestOrAwayFromZero)
        case .truncate: value.rounded(.towardZero)
        default: value == 0 || value.isNaN ? value : value < 0 ? -1 : 1
        }
    }
}
