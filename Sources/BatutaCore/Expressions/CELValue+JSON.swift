extension CELValue {
    /// The value as JSON: timestamps as RFC 3339, durations as `30s`, bytes in base64, keys as text.
    ///
    /// - Throws: `overflow` for a double that JSON cannot write, `tooLarge` for a list or map that holds more than `limit` bytes.
    func json(limit: Int) throws(ExpressionError) -> JSON {
        var budget = ResultBudget(limit: limit)
        return try json(&budget)
    }

    private func json(_ budget: inout ResultBudget) throws(ExpressionError) -> JSON {
        switch self {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .number(JSONNumber(number))
        case .uint(let number): return .number(JSONNumber(validated: String(number)))
        case .double(let number):
            guard number.isFinite else {
                throw ExpressionError(
                    .overflow,
                    Words("the result is \(number), which is no number in JSON", "o resultado é \(number), que não é um número em JSON")
                )
            }
            return .number(JSONNumber(number))
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .bytes(let bytes): return .string(Base64Text.encode(bytes))
        case .list(let list): return try Self.json(list, &budget)
        case .map(let map): return try Self.json(map, &budget)
        case .timestamp(let timestamp): return .string(timestamp.text)
        case .duration(let duration): return .string(duration.text)
        case .type(let name): return .string(name)
        }
    }

    private static func json(_ list: CELList, _ budget: inout ResultBudget) throws(ExpressionError) -> JSON {
        guard case .values(let values) = list else {
            guard case .json(let elements) = list else { return .array([]) }
            return .array(elements)
        }
        var elements: [JSON] = []
        elements.reserveCapacity(values.count)
        for value in values {
            let element = try value.json(&budget)
            if !value.isMade { try budget.take(element) }
            elements.append(element)
        }
        return .array(elements)
    }

    private static func json(_ map: CELMap, _ budget: inout ResultBudget) throws(ExpressionError) -> JSON {
        if case .json(let object) = map { return .object(object) }
        var object = JSONObject()
        for key in map.keys {
            guard let value = map[key] else { continue }
            let member = try value.json(&budget)
            if !value.isMade { try budget.take(member) }
            object[key.text] = member
        }
        return .object(object)
    }
}

extension CELValue {
    /// Whether it is a list or map of the expression's own, whose content is counted already.
    fileprivate var isMade: Bool {
        switch self {
        case .list(.values), .map(.entries), .map(.typed): true
        default: false
        }
    }
}

/// Counts what a resulting list or map holds. Values inside are shared, so a small one may stand for very much.
private struct ResultBudget {
    let limit: Int
    private var used = 0

    init(limit: Int) { self.limit = limit }

    mutating func take(_ json: JSON) throws(ExpressionError) {
        switch json {
        case .string(let text): used += text.utf8.count + 8
        case .array(let elements): for element in elements { try take(element) }
        case .object(let object):
            for (key, value) in object {
                used += key.utf8.count
                try take(value)
            }
        case .null, .bool, .number: used += 8
        }
        guard used <= limit else {
            throw ExpressionError(.tooLarge, Words("the result holds more than \(limit) bytes", "o resultado passa de \(limit) bytes"))
        }
    }
}
