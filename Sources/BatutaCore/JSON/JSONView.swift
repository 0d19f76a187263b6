import CSimdjson

/// A value within a document that has just been read; a look at the parser's buffers, not a copy.
///
/// Valid only as long as the document (`JSONDocument.read`, `JSONParser.read`): never store it, take `json`, `string` … out of it.
/// Asking for what is not there gives a view that does not exist, so that paths need no unwrapping:
/// `view["choices"][0]["delta"]["content"].string`.
public struct JSONView {
    /// Nil when the value does not exist.
    private let tape: JSONTape?
    private let index: Int

    init(tape: JSONTape?, index: Int) {
        self.tape = tape
        self.index = index
    }

    static var missing: JSONView { JSONView(tape: nil, index: 0) }

    private var kind: Int { tape.map { Int($0.nodes[index].kind) } ?? -1 }

    /// The value of a member; of equal keys the last one. Cost: one comparison per member.
    public subscript(key: String) -> JSONView {
        guard let tape, kind == BATUTA_JSON_OBJECT else { return .missing }
        var name = key
        let found = name.withUTF8 {
            batuta_json_find(tape.nodes, tape.text, UInt32(truncatingIfNeeded: index), $0.baseAddress, $0.count)
        }
        return found == 0 ? .missing : JSONView(tape: tape, index: Int(found))
    }

    /// An element of an array. Cost: one step per element before it; iterate `elements` for all.
    public subscript(position: Int) -> JSONView {
        guard let tape, kind == BATUTA_JSON_ARRAY, position >= 0, position < Int(tape.nodes[index].length) else { return .missing }
        var element = index + 1
        for _ in 0..<position { element = Int(tape.nodes[element].next) }
        return JSONView(tape: tape, index: element)
    }

    public var exists: Bool { tape != nil }
    public var isNull: Bool { kind == BATUTA_JSON_NULL }
    public var isString: Bool { kind == BATUTA_JSON_STRING }
    public var isNumber: Bool { kind == BATUTA_JSON_NUMBER }
    public var isArray: Bool { kind == BATUTA_JSON_ARRAY }
    public var isObject: Bool { kind == BATUTA_JSON_OBJECT }

    public var bool: Bool? {
        switch kind {
        case BATUTA_JSON_TRUE: true
        case BATUTA_JSON_FALSE: false
        default: nil
        }
    }

    public var string: String? {
        guard let tape, kind == BATUTA_JSON_STRING else { return nil }
        return tape.string(index)
    }

    /// A string's text as UTF-8, unescaped, without a copy; valid as long as the document.
    public var utf8: UnsafeRawBufferPointer? {
        guard let tape, kind == BATUTA_JSON_STRING else { return nil }
        return tape.bytes(index)
    }

    /// Whether this is exactly that text, without making a `String` of it.
    public func equals(_ text: StaticString) -> Bool {
        guard let utf8, utf8.count == text.utf8CodeUnitCount else { return false }
        return utf8.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The number's literal as it was written.
    public var rawNumber: String? {
        guard let tape, kind == BATUTA_JSON_NUMBER else { return nil }
        return tape.string(index)
    }

    /// The number as a 64-bit integer, when it is exactly one.
    public var int: Int64? {
        guard let tape, kind == BATUTA_JSON_NUMBER else { return nil }
        return Self.shortInteger(tape.bytes(index)) ?? rawNumber.flatMap { JSONNumber(validated: $0).int64 }
    }

    public var double: Double? { rawNumber.map { JSONNumber(validated: $0).double } }

    /// The number of elements or members as written; 0 for everything else.
    public var count: Int {
        guard let tape, isArray || isObject else { return 0 }
        return Int(tape.nodes[index].length)
    }

    /// The value as a tree that outlives the document; nil when the value does not exist.
    public var json: JSON? { tape?.json(index) }

    private static func shortInteger(_ literal: UnsafeRawBufferPointer) -> Int64? {
        guard literal.count <= 18 else { return nil }
        var value: Int64 = 0
        let negative = literal.first == UInt8(ascii: "-")
        for byte in literal.dropFirst(negative ? 1 : 0) {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        return negative ? -value : value
    }
}

extension JSONView {
    /// The elements of an array; none for everything else.
    public var elements: Elements { Elements(tape: isArray ? tape : nil, container: index) }

    /// The members of an object as written, equal keys included; none for everything else.
    public var members: Members { Members(tape: isObject ? tape : nil, container: index) }

    public struct Elements: Sequence, IteratorProtocol {
        private let tape: JSONTape?
        private var index: Int
        private let end: Int

        fileprivate init(tape: JSONTape?, container: Int) {
            self.tape = tape
            index = container + 1
            end = tape.map { Int($0.nodes[container].next) } ?? 0
        }

        public mutating func next() -> JSONView? {
            guard let tape, index < end else { return nil }
            defer { index = Int(tape.nodes[index].next) }
            return JSONView(tape: tape, index: index)
        }
    }

    /// A member: its key and its value.
    public struct Member {
        /// The key, as a view of a string.
        public let name: JSONView
        public let value: JSONView

        /// The key as text.
        public var key: String { name.string ?? "" }
    }

    public struct Members: Sequence, IteratorProtocol {
        private var nodes: Elements

        fileprivate init(tape: JSONTape?, container: Int) { nodes = Elements(tape: tape, container: container) }

        public mutating func next() -> Member? {
            guard let name = nodes.next(), let value = nodes.next() else { return nil }
            return Member(name: name, value: value)
        }
    }
}
