import Glibc
import Synchronization

/// Where the time of events, expiries and budgets comes from (DESIGN §9.7). Time-outs use the monotonic clock instead.
public protocol ProjectClock: Sendable {
    func now() -> Timestamp
}

/// Where random bits come from; injected so that tests repeat exactly.
public protocol RandomSource: Sendable {
    func next() -> UInt64
}

/// The kernel's random bits, fetched 32 words at a time (`getentropy` gives at most 256 bytes): one system call for a run's identifiers.
public struct SystemRandom: RandomSource {
    private static let pool = Mutex<[UInt64]>([])

    public init() {}

    public func next() -> UInt64 {
        Self.pool.withLock { pool in
            if let word = pool.popLast() { return word }
            pool = [UInt64](unsafeUninitializedCapacity: 32) { buffer, count in
                if getentropy(buffer.baseAddress, 32 * MemoryLayout<UInt64>.stride) == 0 { count = 32 }
            }
            if let word = pool.popLast() { return word }
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        }
    }
}

/// A clock that moves only when it is told to.
public final class ManualClock: ProjectClock {
    private let current: Mutex<Timestamp>

    public init(_ start: Timestamp = Timestamp(milliseconds: 1_768_845_600_000)) { current = Mutex(start) }

    public func now() -> Timestamp { current.withLock { $0 } }

    public func advance(by duration: Duration) { current.withLock { $0 = $0.advanced(by: duration) } }
}

/// SplitMix64 (Steele, Lea, Flood, 2014) from a fixed seed: the same identifiers on every run of a test.
public final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    public init(seed: UInt64 = 1) { state = Mutex(seed) }

    public func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
