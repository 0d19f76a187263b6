extension ExpressionWalk {
    mutating func matches(_ text: ExpressionNode, at node: ExpressionNode) -> ExpressionType {
        let found = type(of: text)
        if found != .string, found != .dyn { report(.wrongType, .noOverload("matches(\(found.word), string)"), at: node) }
        return .bool
    }

    /// The macros visit the elements of a list or the keys of a map.
    mutating func run(_ macro: ExpressionMacro, at node: ExpressionNode) -> ExpressionType {
        let range = type(of: macro.range)
        let element: ExpressionType
        switch range {
        case .list(let type): element = type
        case .map, .object: element = .string
        case .dyn: element = .dyn
        default:
            let message = Words(
                "\(macro.kind.rawValue)() walks over a list or a map, not a value of type \(range.word)",
                "\(macro.kind.rawValue)() percorre uma lista ou um mapa, não um valor do tipo \(range.word)"
            )
            report(.wrongType, message, at: node)
            element = .dyn
        }
        locals.append(element)
        defer { locals.removeLast() }
        return value(of: macro, over: element)
    }

    private mutating func value(of macro: ExpressionMacro, over element: ExpressionType) -> ExpressionType {
        switch macro.kind {
        case .all, .exists, .existsOne:
            requireBool(macro.body, macro.kind.rawValue)
            return .bool
        case .filter:
            requireBool(macro.body, macro.kind.rawValue)
            return .list(element)
        case .map:
            guard let transform = macro.transform else { return .list(type(of: macro.body)) }
            requireBool(macro.body, macro.kind.rawValue)
            return .list(type(of: transform))
        }
    }

    mutating func call(_ function: ExpressionFunction, _ nodes: [ExpressionNode], at node: ExpressionNode) -> ExpressionType {
        let arguments = nodes.map { type(of: $0) }
        let signature = function.signature
        let fits = arguments.indices.allSatisfy { index in
            let wanted = signature.arguments.indices.contains(index) ? signature.arguments[index] : signature.rest
            return arguments[index] == .dyn || wanted.takes(arguments[index])
        }
        guard fits else {
            report(.wrongType, .noOverload(function.written(with: arguments)), at: node)
            return signature.result ?? .dyn
        }
        tryOut(function, nodes, at: node)
        return signature.result ?? function.result(of: arguments)
    }

    /// What is written out can be tried at once: `duration('90 minutes')`, `money(x, 'reais')`.
    private mutating func tryOut(_ function: ExpressionFunction, _ nodes: [ExpressionNode], at node: ExpressionNode) {
        let zero = ExpressionNode(.literal(.int(0)), at: node.offset)
        let arguments = function == .money ? [zero] + nodes.dropFirst() : nodes
        guard !arguments.isEmpty, arguments.allSatisfy(\.isLiteral) else { return }
        var evaluator = Evaluator(ExpressionScope())
        do throws(ExpressionError) {
            _ = try evaluator.evaluate(ExpressionNode(.call(function, arguments), at: node.offset))
        } catch {
            report(error.code, error.reason, at: node)
        }
    }
}

extension ExpressionNode {
    fileprivate var isLiteral: Bool {
        guard case .literal = kind else { return false }
        return true
    }
}

/// What an argument may be.
enum ExpressionArgument: Sendable {
    case anything, number, whole, list, sized, instant, textOrList, numberOrList
    case one(ExpressionType)
    case among([ExpressionType])

    func takes(_ type: ExpressionType) -> Bool {
        switch self {
        case .anything: true
        // Numbers of JSON are doubles; whether one is whole is known only then.
        case .number, .whole: type.isNumber
        case .list: type.isList
        case .sized: type.isList || type == .string || type == .bytes || type.isMap
        case .textOrList: type.isList || type == .string
        case .numberOrList: type.isList || type.isNumber
        case .instant: type == .timestamp || type == .duration
        case .one(let wanted): type == wanted
        case .among(let wanted): wanted.contains(type)
        }
    }
}

extension ExpressionFunction {
    /// What a function takes, the receiver of a method first, and what it gives; nil where that depends on the arguments.
    var signature: (arguments: [ExpressionArgument], rest: ExpressionArgument, result: ExpressionType?) {
        switch self {
        case .size: ([.sized], .anything, .int)
        case .type: ([.anything], .anything, .type)
        case .dyn: ([.anything], .anything, .dyn)
        case .int: ([.among([.int, .uint, .double, .string, .timestamp])], .anything, .int)
        case .uint: ([.among([.int, .uint, .double, .string])], .anything, .uint)
        case .double: ([.among([.int, .uint, .double, .string])], .anything, .double)
        case .string: ([.among([.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration])], .anything, .string)
        case .bool: ([.among([.bool, .string])], .anything, .bool)
        case .bytes: ([.among([.bytes, .string])], .anything, .bytes)
        case .timestamp: ([.among([.timestamp, .string, .int, .double])], .anything, .timestamp)
        case .duration: ([.among([.duration, .string])], .anything, .duration)
        case .contains, .startsWith, .endsWith, .matches: ([.one(.string), .one(.string)], .anything, .bool)
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear:
            ([.one(.timestamp), .one(.string)], .anything, .int)
        case .getHours, .getMinutes, .getSeconds, .getMilliseconds: ([.instant, .one(.string)], .anything, .int)
        case .charAt: ([.one(.string), .whole], .anything, .string)
        case .indexOf, .lastIndexOf: ([.one(.string), .one(.string), .whole], .anything, .int)
        case .join: ([.list, .one(.string)], .anything, .string)
        case .lowerAscii, .upperAscii, .trim, .quote: ([.one(.string)], .anything, .string)
        case .replace: ([.one(.string), .one(.string), .one(.string), .whole], .anything, .string)
        case .split: ([.one(.string), .one(.string), .whole], .anything, .list(.string))
        case .substring: ([.one(.string), .whole, .whole], .anything, .string)
        case .format: ([.one(.string), .list], .anything, .string)
        case .reverse: ([.textOrList], .anything, nil)
        case .greatest, .least: ([.numberOrList], .number, nil)
        case .absolute, .sign: ([.number], .anything, nil)
        case .ceiling, .floor, .round, .truncate: ([.one(.double)], .anything, .double)
        case .number: ([.number, .whole], .anything, .string)
        case .money: ([.number, .one(.string)], .anything, .string)
        }
    }

    /// Of functions whose result depends on what they are given.
    func result(of arguments: [ExpressionType]) -> ExpressionType {
        switch self {
        case .reverse, .absolute, .sign: return arguments.first ?? .dyn
        default:
            guard let first = arguments.first else { return .dyn }
            if arguments.count == 1, case .list(let element) = first { return element }
            return arguments.dropFirst().reduce(first) { $0.joined(with: $1) }
        }
    }

    /// As `size(double)` or `double.trim()`.
    func written(with arguments: [ExpressionType]) -> String {
        var words = arguments.map(\.word)
        let receiver = form.isMethod && !form.isGlobal && !words.isEmpty ? words.removeFirst() + "." : ""
        return "\(receiver)\(rawValue)(\(words.joined(separator: ", ")))"
    }
}
