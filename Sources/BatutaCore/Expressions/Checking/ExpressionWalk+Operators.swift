extension ExpressionWalk {
    /// `&&`, `||` and `!`: every side is a bool.
    mutating func logic(_ sides: [ExpressionNode], _ symbol: String) -> ExpressionType {
        for side in sides { requireBool(side, symbol) }
        return .bool
    }

    mutating func requireBool(_ node: ExpressionNode, _ symbol: String) {
        let found = type(of: node)
        guard found != .bool, found != .dyn else { return }
        report(
            .wrongType,
            Words(
                "`\(symbol)` takes a bool, not a value of type \(found.word)",
                "`\(symbol)` recebe um bool, não um valor do tipo \(found.word)"
            ),
            at: node
        )
    }

    mutating func conditional(_ condition: ExpressionNode, _ one: ExpressionNode, _ other: ExpressionNode) -> ExpressionType {
        requireBool(condition, "?")
        return common([one, other])
    }

    mutating func negated(_ operand: ExpressionNode, at node: ExpressionNode) -> ExpressionType {
        let found = type(of: operand)
        guard ![.int, .double, .dyn].contains(found) else { return found }
        report(.wrongType, .noOverload("-\(found.word)"), at: node)
        return .dyn
    }

    /// `a + b - c`: operators of a chain from the left, without recursion.
    mutating func chain(_ node: ExpressionNode) -> ExpressionType {
        var links: [ExpressionNode] = []
        var first = node
        while case .binary(_, let left, _) = first.kind {
            links.append(first)
            first = left
        }
        var found = type(of: first)
        while let link = links.popLast() {
            guard case .binary(let symbol, _, let right) = link.kind else { continue }
            let other = type(of: right)
            found = result(of: symbol, found, other, at: link)
        }
        return found
    }

    private mutating func result(
        of symbol: ExpressionOperator,
        _ one: ExpressionType,
        _ other: ExpressionType,
        at node: ExpressionNode
    ) -> ExpressionType {
        switch symbol {
        case .equal, .notEqual:
            if !one.mayEqual(other) { tellNeverEqual(one, other, at: node) }
            return .bool
        case .in:
            look(for: one, in: other, at: node)
            return .bool
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if !Self.haveOrder(one, other) { refuse(symbol, one, other, at: node) }
            return .bool
        case .add, .subtract, .multiply, .divide, .remainder:
            if one == .dyn || other == .dyn { return .dyn }
            if let result = Self.calculated(symbol, one, other) { return result }
            refuse(symbol, one, other, at: node)
            return .dyn
        }
    }

    private mutating func refuse(_ symbol: ExpressionOperator, _ one: ExpressionType, _ other: ExpressionType, at node: ExpressionNode) {
        let message = Words.noOverload("\(one.word) \(symbol.rawValue) \(other.word)")
        report(.wrongType, message + ExpressionError.overloadHint(symbol, [one.word, other.word]), at: node)
    }

    private mutating func tellNeverEqual(_ one: ExpressionType, _ other: ExpressionType, at node: ExpressionNode) {
        let message = Words(
            "a value of type \(one.word) never equals one of type \(other.word)",
            "um valor do tipo \(one.word) nunca é igual a um do tipo \(other.word)"
        )
        report(.wrongType, message, hint: Self.conversion([one, other]), at: node)
    }

    private static func conversion(_ sides: Set<ExpressionType>) -> Words? {
        guard sides.contains(.string) else { return nil }
        if sides.contains(where: \.isNumber) {
            return Words("write the number without quotes, or string(x)", "escreva o número sem aspas, ou string(x)")
        }
        if sides.contains(.bool) { return Words("write true or false without quotes", "escreva true ou false sem aspas") }
        return sides.contains(.timestamp) ? Words("write timestamp(x)", "escreva timestamp(x)") : nil
    }

    private mutating func look(for wanted: ExpressionType, in container: ExpressionType, at node: ExpressionNode) {
        switch container {
        case .dyn, .map, .object: return
        case .list(let element): if !wanted.mayEqual(element) { tellNeverEqual(wanted, element, at: node) }
        default:
            let hint = container == .string ? Words("; write text.contains(part)", "; escreva texto.contains(parte)") : .none
            let message = Words(
                "`in` looks into a list or a map, not into a value of type \(container.word)",
                "`in` procura em uma lista ou em um mapa, não em um valor do tipo \(container.word)"
            )
            report(.wrongType, message + hint, at: node)
        }
    }

    private static func haveOrder(_ one: ExpressionType, _ other: ExpressionType) -> Bool {
        if one == .dyn || other == .dyn || one.isNumber && other.isNumber { return true }
        return one == other && [.bool, .string, .bytes, .timestamp, .duration].contains(one)
    }

    /// nil for what has no meaning.
    private static func calculated(_ symbol: ExpressionOperator, _ one: ExpressionType, _ other: ExpressionType) -> ExpressionType? {
        switch (symbol, one, other) {
        case (.remainder, .int, .int), (.remainder, .uint, .uint): one
        case (.remainder, _, _): nil
        case _ where one == other && one.isNumber: one
        case (.add, .string, .string), (.add, .bytes, .bytes): one
        case (.add, .list, .list): one.joined(with: other)
        case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration): .timestamp
        case (.subtract, .timestamp, .timestamp): .duration
        case (.add, .duration, .duration), (.subtract, .duration, .duration): .duration
        default: nil
        }
    }
}
