/// Crockford's base32 without check symbol (https://www.crockford.com/base32.html), for 128-bit values: 26 characters.
enum CrockfordBase32 {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then version, variant and 74 random bits.
    ///
    /// - Parameter prefix: stands before the 26 characters.
    static func uuidv7(_ prefix: String = "", at now: Timestamp, random: any RandomSource) -> String {
        let time = UInt64(truncatingIfNeeded: now.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | (random.next() & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (random.next() >> 2)
        return encode(prefix, high: high, low: low)
    }

    static func encode(_ prefix: String = "", high: UInt64, low: UInt64) -> String {
        let start = prefix.utf8.count
        return String(unsafeUninitializedCapacity: start + 26) { buffer in
            for (index, byte) in prefix.utf8.enumerated() { buffer[index] = byte }
            var high = high
            var low = low
            for index in stride(from: start + 25, through: start, by: -1) {
                buffer[index] = digit(UInt8(truncatingIfNeeded: low & 31))
                low = low >> 5 | high << 59
                high >>= 5
            }
            return start + 26
        }
    }

    /// `alphabet[value]`: digits, then the letters without I, L, O and U.
    private static func digit(_ value: UInt8) -> UInt8 {
        var byte = value < 10 ? 48 + value : 55 + value
        if value >= 18 { byte += 1 }
        if value >= 20 { byte += 1 }
        if value >= 22 { byte += 1 }
        if value >= 27 { byte += 1 }
        return byte
    }

    static func isIdentifier(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == 26 && bytes.allSatisfy { alphabet.contains($0) }
    }
}
