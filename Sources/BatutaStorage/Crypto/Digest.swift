import CCrypto

/// SHA-256 and its relatives, by libcrypto.
public enum Digest {
    /// 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { sha256($0) }
    }

    /// 32 bytes, of bytes in place.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        computed { batuta_sha256(bytes.baseAddress, bytes.count, $0) }
    }

    /// HMAC-SHA-256 (RFC 2104): 32 bytes.
    public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        computed { out in
            key.withUnsafeBytes { key in
                bytes.withUnsafeBytes { batuta_hmac_sha256(key.baseAddress, key.count, $0.baseAddress, $0.count, out) }
            }
        }
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { batuta_equal(left.baseAddress, $0.baseAddress, left.count) == 1 }
        }
    }

    /// Random bytes fit for keys.
    public static func randomBytes(_ count: Int) -> [UInt8] {
        let count = max(0, count)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if count > 0, batuta_random_bytes(buffer.baseAddress, count) != 1 { giveUp() }
            filled = count
        }
    }

    /// Lower-case hexadecimal.
    public static func hex(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = digit(byte >> 4)
                buffer[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    /// The bytes of a hexadecimal text of either case, or nil.
    public static func bytes(hex text: String) -> [UInt8]? {
        let digits = text.utf8.map(value)
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }

    private static func computed(_ compute: (UnsafeMutablePointer<UInt8>) -> Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            guard let base = buffer.baseAddress, compute(base) == 1 else { giveUp() }
            filled = 32
        }
    }

    /// libcrypto fails here only without memory or without a source of randomness; going on with a wrong key or digest would be worse than stopping.
    private static func giveUp() -> Never {
        fatalError("libcrypto failed to compute a digest or random bytes")
    }
}
