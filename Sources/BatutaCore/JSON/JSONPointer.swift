/// The place of a value within a document (RFC 6901): `/campaigns/0/a~1b`. The empty pointer is the whole document.
public struct JSONPointer: Sendable, Hashable {
    /// The unescaped names and indices, outermost first.
    public var tokens: [String]

    public init(_ tokens: [String] = []) { self.tokens = tokens }

    /// Reads a pointer; nil unless it is empty or starts with `/` and every `~` is followed by `0` or `1`.
    public init?(_ text: String) {
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/") else { return nil }
        tokens = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescape(part) else { return nil }
            tokens.append(token)
        }
    }

    /// The pointer of a member or element below this one.
    public func appending(_ token: String) -> JSONPointer { JSONPointer(tokens + [token]) }

    /// The pointer of an element below this one.
    public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

    private static func unescape(_ part: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
        var bytes: [UInt8] = []
        for byte in token.utf8 {
            switch byte {
            case UInt8(ascii: "~"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "0")]
            case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The pointer as it is written.
    public var description: String { tokens.reduce(into: "") { $0 += "/" + Self.escape($1) } }
}

extension JSON {
    /// The value at a JSON Pointer (RFC 6901), written out; nil when there is none or the pointer is malformed.
    public subscript(pointer text: String) -> JSON? { JSONPointer(text).flatMap { self[$0] } }

    /// The value at a JSON Pointer.
    public subscript(pointer: JSONPointer) -> JSON? {
        var value = self
        for token in pointer.tokens {
            guard let next = value.child(token) else { return nil }
            value = next
        }
        return value
    }

    private func child(_ token: String) -> JSON? {
        switch self {
        case .object(let object): object[token]
        case .array: Self.index(token).flatMap { self[$0] }
        default: nil
        }
    }

    /// RFC 6901 §4: digits without leading zeros.
    private static func index(_ token: String) -> Int? {
        guard token == "0" || (!token.isEmpty && token.utf8.first != 48), token.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(token)
    }
}
