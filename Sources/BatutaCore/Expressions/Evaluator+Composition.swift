extension Evaluator {
    /// `join`, `replace`, `split`, `format`.
    mutating func compose(_ call: CELCall) throws(ExpressionError) -> CELValue {
        switch call.function {
        case .join: return .string(try join(call))
        case .replace: return .string(try replace(call))
        case .split: return try split(call)
        default:
            guard case .list(let values) = call[1] else { throw call.wrongType() }
            var writer = CELFormat(values: values)
            return .string(try writer.write(try call.string(0), &meter))
        }
    }

    private mutating func join(_ call: CELCall) throws(ExpressionError) -> String {
        guard case .list(let list) = call[0] else { throw call.wrongType() }
        let separator = call.arguments.count > 1 ? try call.string(1) : ""
        var joined = ""
        for index in 0..<list.count {
            guard case .string(let text) = list[index] else {
                throw call.invalid(
                    Words(
                        "element \(index) is no text but a value of type \(list[index].typeWord)",
                        "o elemento \(index) não é texto, e sim um valor do tipo \(list[index].typeWord)"
                    )
                )
            }
            try meter.step()
            try meter.make(bytes: text.utf8.count + separator.utf8.count)
            joined += index == 0 ? text : separator + text
        }
        return joined
    }

    /// An empty part occurs before every character and at the end, as in Go.
    private mutating func replace(_ call: CELCall) throws(ExpressionError) -> String {
        let (text, part, other) = (CELText(try call.string(0)), CELText(try call.string(1)), CELText(try call.string(2)))
        var left = try call.optionalWhole(3) ?? -1
        try meter.make(bytes: text.bytes.count)
        var (result, position): ([UInt8], Int) = ([], 0)
        while left != 0, let found = text.firstPosition(of: part, from: position) {
            try meter.step()
            try meter.make(bytes: other.bytes.count)
            result += text.bytes[position..<found]
            result += other.bytes
            position = found + part.bytes.count
            left -= left > 0 ? 1 : 0
            guard part.bytes.isEmpty else { continue }
            guard position < text.bytes.count else { break }
            let next = text.nextCharacter(after: position)
            result += text.bytes[position..<next]
            position = next
        }
        result += text.bytes[position...]
        return String(decoding: result, as: UTF8.self)
    }

    /// An empty separator splits into characters. A limit of 0 gives an empty list, a negative one none at all.
    private mutating func split(_ call: CELCall) throws(ExpressionError) -> CELValue {
        let (text, separator) = (CELText(try call.string(0)), CELText(try call.string(1)))
        let limit = try call.optionalWhole(2) ?? -1
        try meter.make(bytes: text.bytes.count)
        var (parts, position): ([CELValue], Int) = ([], 0)
        guard limit != 0, !(text.bytes.isEmpty && separator.bytes.isEmpty) else { return .list(.values([])) }
        while limit < 0 || parts.count + 1 < limit {
            let next = separator.bytes.isEmpty ? text.nextCharacter(after: position) : position
            guard let end = text.firstPosition(of: separator, from: next), !separator.bytes.isEmpty || end < text.bytes.count else { break }
            try add(text.text(position..<end), to: &parts)
            position = end + separator.bytes.count
        }
        try add(text.text(position..<text.bytes.count), to: &parts)
        return .list(.values(parts))
    }

    private mutating func add(_ text: String, to parts: inout [CELValue]) throws(ExpressionError) {
        try meter.step()
        try meter.make(elements: 1)
        parts.append(.string(text))
    }
}

extension CELText {
    /// Where the character after the one at this byte begins.
    func nextCharacter(after position: Int) -> Int {
        var next = min(position + 1, bytes.count)
        while next < bytes.count, bytes[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
