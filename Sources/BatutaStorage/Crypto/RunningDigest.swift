import CCrypto

/// SHA-256 of bytes that come in pieces.
// SAFETY: the context is used by one thread at a time; whoever holds this sees to that.
final class RunningDigest: @unchecked Sendable {
    private let context: UnsafeMutableRawPointer

    init() {
        guard let context = batuta_sha256_begin() else { fatalError("libcrypto has no memory left") }
        self.context = context
    }

    deinit { batuta_sha256_free(context) }

    func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    func add(_ bytes: UnsafeRawBufferPointer) {
        if batuta_sha256_add(context, bytes.baseAddress, bytes.count) != 1 { fatalError("libcrypto failed to compute a digest") }
    }

    /// 32 bytes; nothing may be added after it.
    func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            guard let base = buffer.baseAddress, batuta_sha256_end(context, base) == 1 else {
                fatalError("libcrypto failed to compute a digest")
            }
            filled = 32
        }
    }
}

/// HMAC-SHA-256 (RFC 2104) of bytes that come in pieces, for what is too large to hold. Keys of at most 64 bytes.
final class RunningHMAC: Sendable {
    private static let block = 64
    private let inner = RunningDigest()
    private let outer: [UInt8]

    init(key: [UInt8]) {
        precondition(key.count <= Self.block, "a longer key would have to be hashed first")
        let padded = key + [UInt8](repeating: 0, count: Self.block - key.count)
        outer = padded.map { $0 ^ 0x5C }
        add(padded.map { $0 ^ 0x36 })
    }

    func add(_ bytes: [UInt8]) { inner.add(bytes) }

    /// 32 bytes; nothing may be added after it.
    func finish() -> [UInt8] { Digest.sha256(outer + inner.finish()) }
}
