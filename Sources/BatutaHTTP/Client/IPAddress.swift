/// An IPv4 or IPv6 address as bits.
struct IPAddress: Sendable, Hashable {
    enum Family: Sendable, Hashable { case v4, v6 }

    let family: Family
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    init(v4 bytes: [UInt8]) {
        family = .v4
        self.bytes = bytes
    }

    init(v6 bytes: [UInt8]) {
        family = .v6
        self.bytes = bytes
    }

    /// Inside an IPv6 address of `::ffff:0:0/96` (RFC 4291 §2.5.5.2), the IPv4 address that a connection really goes to.
    var unmapped: IPAddress {
        guard family == .v6, bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else { return self }
        return IPAddress(v4: Array(bytes[12...]))
    }

    /// Whether the first `length` bits are those of `network`.
    func isInside(_ network: IPAddress, prefix length: Int) -> Bool {
        guard family == network.family else { return false }
        let whole = length / 8
        guard bytes.prefix(whole).elementsEqual(network.bytes.prefix(whole)) else { return false }
        let rest = length % 8
        guard rest > 0, whole < bytes.count else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return bytes[whole] & mask == network.bytes[whole] & mask
    }
}

extension IPAddress {
    /// Reads the usual notations, without zone. Octal, hexadecimal and short IPv4 forms are no addresses here.
    init?(_ text: String) {
        if let bytes = IPAddress.v4Bytes(text.utf8[...]) {
            self.init(v4: bytes)
        } else if let bytes = IPAddress.v6Bytes(text.utf8[...]) {
            self.init(v6: bytes)
        } else {
            return nil
        }
    }

    private typealias Text = Substring.UTF8View

    private static func v4Bytes(_ text: Text) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            guard part.count == 1 || part.first != UInt8(ascii: "0"), let byte = UInt8(Substring(part)) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func v6Bytes(_ text: Text) -> [UInt8]? {
        guard let gap = firstGap(text) else { return groups(text, mayEndInV4: true).flatMap { $0.count == 16 ? $0 : nil } }
        let after = text[text.index(gap, offsetBy: 2)...]
        guard firstGap(after) == nil, let head = groups(text[..<gap], mayEndInV4: false), let tail = groups(after, mayEndInV4: true)
        else { return nil }
        guard head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func firstGap(_ text: Text) -> Text.Index? {
        let colon = UInt8(ascii: ":")
        return zip(text.indices, text.indices.dropFirst()).first { text[$0.0] == colon && text[$0.1] == colon }?.0
    }

    /// Groups of 16 bits; the very last of an address may be an IPv4 address.
    private static func groups(_ text: Text, mayEndInV4: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let four = v4Bytes(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"), let group = UInt16(Substring(part), radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}
