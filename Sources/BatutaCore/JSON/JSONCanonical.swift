extension JSON {
    /// The canonical form: equal values have equal bytes, so they can be hashed, signed and compared.
    ///
    /// RFC 8785 (keys in the order of their UTF-16 code units, numbers as ECMAScript writes them), except that a number with more
    /// figures than the shortest form of a double keeps them all: `12345678901234567891` is not `12345678901234567000`.
    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return writer.finish()
    }

    /// The canonical form as text.
    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }
}

extension JSONNumber {
    /// The number as the canonical form writes it (`1e2` is `100`, `-0` is `0`).
    public var canonicalLiteral: String {
        if literal.utf8.count < 16, let whole = Int64(literal) { return String(whole) }
        return exact.canonical
    }
}

extension JSONWriter {
    /// Writes a value in its canonical form.
    public mutating func canonical(_ json: JSON) {
        switch json {
        case .number(let value): number(JSONNumber(validated: value.canonicalLiteral))
        case .array(let elements):
            beginArray()
            for element in elements { canonical(element) }
            endArray()
        case .object(let object):
            beginObject()
            for (name, member) in Self.sorted(object.members) {
                key(name)
                canonical(member)
            }
            endObject()
        default: value(json)
        }
    }

    private static func sorted(_ members: [(key: String, value: JSON)]) -> [(key: String, value: JSON)] {
        guard members.count > 1 else { return members }
        return members.sorted { $0.key.precedesInUTF16($1.key) }
    }
}

extension String {
    /// Order by UTF-16 code units, as RFC 8785 §3.2.3 sorts keys. Bytes decide except among characters beyond the basic plane.
    func precedesInUTF16(_ other: String) -> Bool {
        var (one, another) = (self, other)
        return one.withUTF8 { left in
            another.withUTF8 { right in
                let shared = Swift.min(left.count, right.count)
                guard let at = (0..<shared).first(where: { left[$0] != right[$0] }) else { return left.count < right.count }
                return Self.rank(left[at]) < Self.rank(right[at])
            }
        }
    }

    /// Lead bytes of four-byte characters (surrogate pairs, D800…DFFF) sort before those of U+E000…U+FFFF (EE, EF).
    private static func rank(_ byte: UInt8) -> Int {
        byte >= 0xF0 ? Int(byte) - 2 : byte >= 0xEE ? Int(byte) + 8 : Int(byte)
    }
}
