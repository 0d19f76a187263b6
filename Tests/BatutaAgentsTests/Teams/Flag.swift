import Synchronization

/// Something that a test changes while others look at it.
final class Flag: Sendable {
    private let state: Mutex<Bool>

    init(_ value: Bool) { state = Mutex(value) }

    var value: Bool { state.withLock { $0 } }

    func set(_ value: Bool) { state.withLock { $0 = value } }
}

/// Counts up from 0.
final class Counter: Sendable {
    private let state = Mutex(0)

    /// How often it was counted.
    var value: Int { state.withLock { $0 } }

    func next() -> Int {
        state.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
