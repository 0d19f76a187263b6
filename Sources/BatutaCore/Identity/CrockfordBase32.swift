/// Crockford's base32 without check symbol (https://www.crockford.com/base32.html), for 128-bit values: 26 characters.
enum CrockfordBase32 {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then version, variant and 74 random bits.
    static func uuidv7(at now: Timestamp, random: any RandomSource) -> String {
        let time = UInt64(truncatingIfNeeded: now.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | (random.next() & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (random.next() >> 2)
        return encode(high: high, low: low)
    }

    static func encode(high: UInt64, low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 26) { buffer in
            var high = high
            var low = low
            for index in stride(from: 25, through: 0, by: -1) {
                buffer[index] = alphabet[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return 26
        }
    }

    static func isIdentifier(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == 26 && bytes.allSatisfy { alphabet.contains($0) }
    }
}
