import CSimdjson

/// A document that has been read: its nodes in order and the text they point into. Lives as long as the parser's buffers.
struct JSONTape {
    let nodes: UnsafePointer<batuta_json_node>
    let text: UnsafePointer<UInt8>

    /// Reads with a parser of this thread and gives the tape, valid only within `body`.
    static func read<Value>(
        _ bytes: UnsafeRawBufferPointer,
        _ limits: JSONLimits,
        _ body: (JSONTape) throws -> Value
    ) throws -> Value {
        guard let parser = batuta_json_acquire() else { throw JSONError(.outOfMemory, offset: 0, limits: limits) }
        defer { batuta_json_release(parser) }
        return try body(try read(bytes, limits, with: parser))
    }

    /// Reads with this parser; the tape is valid until its next reading.
    static func read(_ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits, with parser: OpaquePointer) throws(JSONError) -> JSONTape {
        var tape = batuta_json_tape()
        let bounds = batuta_json_limits(
            bytes: max(0, limits.bytes),
            depth: max(0, limits.depth),
            values: max(0, limits.values),
            number_length: max(0, limits.numberLength)
        )
        batuta_json_read(parser, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, bounds, &tape)
        guard tape.error == BATUTA_JSON_OK, let nodes = tape.nodes, let text = tape.text else {
            throw JSONError(code(Int(tape.error)), offset: tape.error_offset, limits: limits)
        }
        return JSONTape(nodes: nodes, text: text)
    }

    private static func code(_ error: Int) -> JSONError.Code {
        switch error {
        case BATUTA_JSON_EMPTY: .empty
        case BATUTA_JSON_TOO_LONG: .tooLong
        case BATUTA_JSON_TOO_DEEP: .tooDeep
        case BATUTA_JSON_TOO_MANY_VALUES: .tooManyValues
        case BATUTA_JSON_NUMBER_TOO_LONG: .numberTooLong
        case BATUTA_JSON_BAD_UTF8: .invalidUTF8
        case BATUTA_JSON_BYTE_ORDER_MARK: .byteOrderMark
        case BATUTA_JSON_CONTROL_CHARACTER: .controlCharacter
        case BATUTA_JSON_UNCLOSED_STRING: .unclosedString
        case BATUTA_JSON_BAD_ESCAPE: .invalidEscape
        case BATUTA_JSON_LONE_SURROGATE: .loneSurrogate
        case BATUTA_JSON_BAD_NUMBER: .invalidNumber
        case BATUTA_JSON_BAD_LITERAL: .invalidLiteral
        case BATUTA_JSON_TRUNCATED: .truncated
        case BATUTA_JSON_TRAILING: .trailingContent
        case BATUTA_JSON_NO_MEMORY: .outOfMemory
        default: .unexpectedCharacter
        }
    }
}

extension JSONTape {
    /// The bytes of a string or number.
    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let node = nodes[index]
        return UnsafeRawBufferPointer(start: text + Int(node.offset), count: Int(node.length))
    }

    func string(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }

    /// The tree under a node. Recursion is bounded by the depth that was read.
    func json(_ index: Int) -> JSON {
        let node = nodes[index]
        switch Int(node.kind) {
        case BATUTA_JSON_NULL: return .null
        case BATUTA_JSON_FALSE: return .bool(false)
        case BATUTA_JSON_TRUE: return .bool(true)
        case BATUTA_JSON_NUMBER: return .number(JSONNumber(validated: string(index)))
        case BATUTA_JSON_STRING: return .string(string(index))
        case BATUTA_JSON_ARRAY: return .array(elements(index))
        default: return .object(object(index))
        }
    }

    private func elements(_ array: Int) -> [JSON] {
        var result: [JSON] = []
        result.reserveCapacity(Int(nodes[array].length))
        var index = array + 1
        while index < Int(nodes[array].next) {
            result.append(json(index))
            index = Int(nodes[index].next)
        }
        return result
    }

    /// Of members with the same key the last one wins.
    private func object(_ object: Int) -> JSONObject {
        if batuta_json_may_repeat_keys(nodes, text, UInt32(truncatingIfNeeded: object)) { return checkedObject(object) }
        var members: [(key: String, value: JSON)] = []
        members.reserveCapacity(Int(nodes[object].length))
        var index = object + 1
        while index < Int(nodes[object].next) {
            members.append((string(index), json(index + 1)))
            index = Int(nodes[index + 1].next)
        }
        return JSONObject(unique: members)
    }

    private func checkedObject(_ object: Int) -> JSONObject {
        var result = JSONObject()
        result.reserveCapacity(Int(nodes[object].length))
        var index = object + 1
        while index < Int(nodes[object].next) {
            result.set(string(index), to: json(index + 1))
            index = Int(nodes[index + 1].next)
        }
        return result
    }
}
