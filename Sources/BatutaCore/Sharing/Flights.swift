/// What is under way for all who want the same: one works, the others wait for what comes of it (single flight).
///
/// A value; whoever owns it keeps it under a lock, lets people wait with `wait`, and resumes them outside of the lock.
public struct Flights<Key: Hashable & Sendable, Landing: Sendable>: Sendable {
    /// Resumed with nil when whoever waits is cut, or the flight is over by then.
    public typealias Waiter = CheckedContinuation<Landing?, Never>

    private struct Flight {
        var number: Int
        var waiters: [Int: Waiter] = [:]
    }

    private var flights: [Key: Flight] = [:]
    private var tick = 0

    public init() {}

    /// The flight that can be waited for.
    public subscript(_ key: Key) -> Int? { flights[key]?.number }

    /// Begins a flight; nil while there is one.
    public mutating func begin(_ key: Key) -> Int? {
        guard flights[key] == nil else { return nil }
        let number = seat()
        flights[key] = Flight(number: number)
        return number
    }

    /// A number that nobody had before.
    public mutating func seat() -> Int {
        tick += 1
        return tick
    }

    /// - Returns: false when the flight is over.
    public mutating func join(_ flight: Int, _ key: Key, seat: Int, _ waiter: Waiter) -> Bool {
        guard flights[key]?.number == flight else { return false }
        flights[key]?.waiters[seat] = waiter
        return true
    }

    public mutating func leave(_ key: Key, seat: Int) -> Waiter? { flights[key]?.waiters.removeValue(forKey: seat) }

    /// Ends a flight.
    /// - Returns: Who waited for it; nil when it is none of these.
    public mutating func land(_ number: Int, _ key: Key) -> [Waiter]? {
        guard flights[key]?.number == number, let flight = flights.removeValue(forKey: key) else { return nil }
        return Array(flight.waiters.values)
    }

    /// Waits for a landing, at most until the task is cancelled.
    ///
    /// - Parameters:
    ///   - join: Takes the seat, under the owner's lock; false when there is nothing to wait for any more.
    ///   - leave: Gives the seat back, under the same lock.
    public static func wait(
        join: @Sendable (Waiter) -> Bool,
        leave: @Sendable () -> Waiter?
    ) async -> Landing? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard join(continuation) else { return continuation.resume(returning: nil) }
                // Cut before it sat down: `leave` has found nobody in the seat, and does not come again.
                if Task.isCancelled { leave()?.resume(returning: nil) }
            }
        } onCancel: {
            leave()?.resume(returning: nil)
        }
    }
}
