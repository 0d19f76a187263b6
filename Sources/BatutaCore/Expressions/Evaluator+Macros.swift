extension Evaluator {
    /// The macros visit the elements of a list or the keys of a map, in order.
    mutating func run(_ macro: ExpressionMacro) throws(ExpressionError) -> CELValue {
        let range = try evaluate(macro.range)
        let elements = try CELElements(range, of: macro.kind.rawValue)
        switch macro.kind {
        case .all: return .bool(try quantify(macro, elements, deciding: false))
        case .exists: return .bool(try quantify(macro, elements, deciding: true))
        case .existsOne: return .bool(try countHolding(macro, elements) == 1)
        case .map: return try transform(macro, elements)
        case .filter: return try filter(macro, elements)
        }
    }

    private mutating func with<Result>(
        _ element: CELValue,
        _ body: (inout Evaluator) throws(ExpressionError) -> Result
    ) throws(ExpressionError) -> Result {
        locals.append(element)
        defer { locals.removeLast() }
        return try body(&self)
    }

    private mutating func holds(_ macro: ExpressionMacro, for element: CELValue) throws(ExpressionError) -> Bool {
        try with(element) { evaluator throws(ExpressionError) in try evaluator.boolean(macro.body, for: macro.kind.rawValue) }
    }

    /// Like `&&` and `||` over the elements: one that decides outweighs errors of the others.
    private mutating func quantify(_ macro: ExpressionMacro, _ elements: CELElements, deciding: Bool) throws(ExpressionError) -> Bool {
        var failure: ExpressionError?
        for index in 0..<elements.count {
            do throws(ExpressionError) {
                if try holds(macro, for: elements[index]) == deciding { return deciding }
            } catch {
                if error.isResourceLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !deciding
    }

    private mutating func countHolding(_ macro: ExpressionMacro, _ elements: CELElements) throws(ExpressionError) -> Int {
        var count = 0
        for index in 0..<elements.count where try holds(macro, for: elements[index]) { count += 1 }
        return count
    }

    private mutating func filter(_ macro: ExpressionMacro, _ elements: CELElements) throws(ExpressionError) -> CELValue {
        var chosen: [CELValue] = []
        for index in 0..<elements.count where try holds(macro, for: elements[index]) {
            try meter.make(elements: 1)
            chosen.append(elements[index])
        }
        return .list(.values(chosen))
    }

    private mutating func transform(_ macro: ExpressionMacro, _ elements: CELElements) throws(ExpressionError) -> CELValue {
        var made: [CELValue] = []
        for index in 0..<elements.count {
            if macro.transform != nil, !(try holds(macro, for: elements[index])) { continue }
            try meter.make(elements: 1)
            let body = macro.transform ?? macro.body
            made.append(try with(elements[index]) { evaluator throws(ExpressionError) in try evaluator.evaluate(body) })
        }
        return .list(.values(made))
    }
}

/// What a macro walks over.
struct CELElements {
    private let list: CELList

    init(_ range: CELValue, of macro: String) throws(ExpressionError) {
        switch range {
        case .list(let list): self.list = list
        case .map(let map): list = .values(map.keys.map(\.value))
        default:
            throw ExpressionError(
                .wrongType,
                Words(
                    "\(macro)() walks over a list or a map, not a value of type \(range.typeWord)",
                    "\(macro)() percorre uma lista ou um mapa, não um valor do tipo \(range.typeWord)"
                )
            )
        }
    }

    var count: Int { list.count }

    subscript(index: Int) -> CELValue { list[index] }
}
