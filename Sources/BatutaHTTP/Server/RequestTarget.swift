/// A request target taken apart: the path's segments decoded, the query as it came.
struct RequestTarget: Sendable {
    var segments: [String]
    var query: Substring

    /// nil when an escape is broken, decodes to a control character or no UTF-8, or a segment is `.` or `..`.
    init?(_ target: String) {
        let origin = Self.withoutAuthority(target)
        let path = origin.prefix { $0 != "?" && $0 != "#" }
        let rest = origin[path.endIndex...]
        query = rest.first == "?" ? rest.dropFirst().prefix { $0 != "#" } : ""
        segments = []
        guard path.utf8.count > 1 else { return }
        for raw in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = Self.segment(raw) else { return nil }
            segments.append(segment)
        }
    }

    /// `http://host/path` (RFC 9112 §3.2.2) as `/path`.
    private static func withoutAuthority(_ target: String) -> Substring {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.range(ofBytes: "://") else { return target[...] }
        let afterScheme = target[scheme...]
        guard let slash = afterScheme.utf8.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else { return "/" }
        return afterScheme[slash...]
    }

    private static func segment(_ raw: Substring.UTF8View) -> String? {
        guard raw.contains(UInt8(ascii: "%")) else {
            let text = String(Substring(raw))
            return text == "." || text == ".." ? nil : text
        }
        guard let bytes = PercentEncoding.decode(raw, plusIsSpace: false, strict: true), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return text == "." || text == ".." ? nil : text
    }
}

extension String {
    /// The index after the first occurrence of some ASCII.
    fileprivate func range(ofBytes needle: StaticString) -> String.Index? {
        let needle = needle.withUTF8Buffer { Array($0) }
        var start = utf8.startIndex
        while start < utf8.endIndex {
            if utf8[start...].starts(with: needle) { return utf8.index(start, offsetBy: needle.count) }
            start = utf8.index(after: start)
        }
        return nil
    }
}

/// `%XX` escapes (RFC 3986 §2.1).
enum PercentEncoding {
    /// nil on a broken escape when strict; otherwise a broken escape stays as it is.
    static func decode(_ bytes: Substring.UTF8View, plusIsSpace: Bool, strict: Bool) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                continue
            }
            let pair = rest.prefix(2).compactMap(nibble)
            if pair.count == 2 {
                decoded.append(pair[0] << 4 | pair[1])
                rest = rest.dropFirst(2)
            } else if strict {
                return nil
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The items of a query string, `application/x-www-form-urlencoded`: decoded, in order, a name possibly several times.
public struct HTTPQuery: Sendable, Hashable, RandomAccessCollection {
    /// One `name=value`.
    public struct Item: Sendable, Hashable {
        public var name: String
        public var value: String
    }

    private var items: [Item] = []

    /// Takes a query string apart; a broken escape stays as it is.
    public init(_ text: some StringProtocol) {
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count).dropFirst()
            items.append(Item(name: Self.text(Array(name)), value: Self.text(Array(value))))
        }
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { items.count }
    public subscript(position: Int) -> Item { items[position] }

    /// The first value of the name.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Every value of the name, in order.
    public func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return text }
        return String(decoding: PercentEncoding.decode(text[...].utf8, plusIsSpace: true, strict: false) ?? bytes, as: UTF8.self)
    }
}
