/// The name of a blob: HMAC-SHA-256 of its bytes under the tenant's key, so equal bytes have equal names within a tenant and nobody outside can test for known contents.
public struct BlobHash: Sendable, Hashable, CustomStringConvertible, LosslessStringConvertible {
    private let words: SIMD4<UInt64>

    /// 32 bytes, else nil.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        var words = SIMD4<UInt64>()
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = words
    }

    /// 64 hexadecimal digits, else nil.
    public init?(_ hex: String) {
        guard let bytes = Digest.bytes(hex: hex) else { return nil }
        self.init(bytes: bytes)
    }

    public var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
    }

    public var description: String { Digest.hex(bytes) }
}
