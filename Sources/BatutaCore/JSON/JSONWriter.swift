import CSimdjson

/// Writes JSON straight into bytes, without a tree in between. The caller keeps the grammar: one value after each key.
public struct JSONWriter: Sendable {
    /// Longer than `count`: what lies beyond has not been written.
    private var buffer: [UInt8]
    /// How many bytes have been written.
    public private(set) var count = 0
    private var needsComma = false

    public init(reserving capacity: Int = 256) {
        buffer = Self.room(Swift.max(capacity, 64))
    }

    /// What has been written so far, as a copy.
    public var bytes: [UInt8] { Array(buffer[..<count]) }

    /// What has been written, without a copy; the writer begins anew.
    public mutating func finish() -> [UInt8] {
        var done: [UInt8] = []
        swap(&done, &buffer)
        done.removeLast(done.count - count)
        count = 0
        needsComma = false
        return done
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    @_disfavoredOverload
    public mutating func key(_ name: String) {
        quote(name, endingWith: UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key of the program's own: letters, digits and underscores, which need no look for escapes.
    public mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        reserve(length + 4)
        buffer.withUnsafeMutableBufferPointer { out in
            guard let base = out.baseAddress else { return }
            var end = base + count
            if needsComma {
                end.pointee = UInt8(ascii: ",")
                end += 1
            }
            end.pointee = UInt8(ascii: "\"")
            (end + 1).update(from: name.utf8Start, count: length)
            end[length + 1] = UInt8(ascii: "\"")
            end[length + 2] = UInt8(ascii: ":")
            count = end - base + length + 3
        }
        needsComma = false
    }

    public mutating func string(_ text: String) {
        quote(text, endingWith: nil)
        needsComma = true
    }

    public mutating func int(_ value: some BinaryInteger) {
        guard let small = Int64(exactly: value) else { return literal(String(value)) }
        separate()
        appendDecimal(small)
        needsComma = true
    }

    public mutating func number(_ number: JSONNumber) { literal(number.literal) }
    public mutating func bool(_ flag: Bool) { literal(flag ? "true" : "false") }
    public mutating func null() { literal("null") }

    /// Puts a value in that is JSON already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        let isDone: Void? = json.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(json).withUnsafeBytes { append($0) } }
        needsComma = true
    }

    /// Puts text in between two documents: framing, not JSON. The next value begins anew.
    public mutating func framing(_ text: String) {
        var copy = text
        copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        needsComma = false
    }

    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let value): number(value)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for (name, member) in object {
                key(name)
                value(member)
            }
            endObject()
        }
    }

    @_disfavoredOverload
    public mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    public mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    @_disfavoredOverload
    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        int(value)
    }

    public mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        int(value)
    }

    @_disfavoredOverload
    public mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    public mutating func member(_ name: StaticString, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    @_disfavoredOverload
    public mutating func member(_ name: String, _ json: JSON) {
        key(name)
        value(json)
    }

    public mutating func member(_ name: StaticString, _ json: JSON) {
        key(name)
        value(json)
    }
}

// MARK: - Bytes

extension JSONWriter {
    private static func room(_ capacity: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: capacity) { $1 = capacity }
    }

    /// Makes room for so many more bytes.
    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if buffer.count - count < more { grow(by: more) }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        var larger = Self.room(Swift.max(buffer.count * 2, count + more))
        larger.withUnsafeMutableBytes { target in
            buffer.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        buffer = larger
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        buffer.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[count...]).copyMemory(from: bytes) }
        count += bytes.count
    }

    private mutating func append(_ byte: UInt8) {
        reserve(1)
        buffer[count] = byte
        count += 1
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func literal(_ text: String) {
        separate()
        var copy = text
        copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    /// The text in quotes, with the comma before and the colon after it. Plain text, nearly all there is, is copied as a whole;
    /// for the rest there is room for the longest escapes.
    private mutating func quote(_ text: String, endingWith last: UInt8?) {
        var copy = text
        copy.withUTF8 { utf8 in
            let plain = utf8.baseAddress.map { batuta_json_plain_prefix($0, utf8.count) } ?? 0
            let rest = utf8.count - plain
            reserve(plain + rest * 6 + 4)
            buffer.withUnsafeMutableBufferPointer { out in
                guard let base = out.baseAddress else { return }
                var end = base + count
                func put(_ byte: UInt8) {
                    end.pointee = byte
                    end += 1
                }
                if needsComma { put(UInt8(ascii: ",")) }
                put(UInt8(ascii: "\""))
                if let start = utf8.baseAddress {
                    end.update(from: start, count: plain)
                    end += plain
                    if rest > 0 { end += batuta_json_escape(start + plain, rest, end) }
                }
                put(UInt8(ascii: "\""))
                if let last { put(last) }
                count = end - base
            }
        }
    }

    private mutating func appendDecimal(_ value: Int64) {
        reserve(20)
        buffer.withUnsafeMutableBufferPointer { out in
            var rest = value.magnitude
            var digits = 1
            var bound: UInt64 = 10
            while digits < 19, rest >= bound {
                digits += 1
                bound *= 10
            }
            if value < 0 {
                out[count] = UInt8(ascii: "-")
                count += 1
            }
            for place in stride(from: count + digits - 1, through: count, by: -1) {
                out[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            count += digits
        }
    }
}

extension JSON {
    /// The value as compact JSON in UTF-8, members in their order.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }

    /// The value as compact JSON text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
