import BatutaCore
import Synchronization

/// Names for requests: unlike within a process and, by 64 random bits, between processes.
final class RequestIDs: Sendable {
    private let seed: UInt64
    private let counter = Atomic<UInt64>(0)

    init(random: any RandomSource = SystemRandom()) { seed = random.next() }

    /// The client's own name when it is a plain word, else a new one.
    func choose(_ given: String?) -> String {
        guard let given, !given.isEmpty, given.utf8.count <= 64, given.utf8.allSatisfy(Self.isPlain) else { return make() }
        return given
    }

    /// SplitMix64's finalizer is a bijection, so no two counts give the same name.
    func make() -> String {
        let count = counter.wrappingAdd(1, ordering: .relaxed).newValue
        var mixed = seed &+ count &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Self.hex(mixed ^ (mixed >> 31))
    }

    private static func hex(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 20) { buffer in
            for (index, byte) in "req_".utf8.enumerated() { buffer[index] = byte }
            for index in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
                buffer[4 + index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
            }
            return 20
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}
