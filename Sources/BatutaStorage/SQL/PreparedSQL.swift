import Synchronization

/// A statement of a hot path: known to the whole process by a number, so using it neither hashes nor compares its text.
///
/// Keep it in a `static let`; making one costs a lock and a look-up. Its values are given at each use, one per `?`.
public struct PreparedSQL: Sendable {
    let text: String
    let identity: Int

    public init(_ text: StaticString) {
        let text = String(describing: text)
        self.text = text
        identity = PreparedSQL.numbers.withLock { numbers in
            if let known = numbers[text] { return known }
            let next = numbers.count
            numbers[text] = next
            return next
        }
    }

    private static let numbers = Mutex<[String: Int]>([:])
}
